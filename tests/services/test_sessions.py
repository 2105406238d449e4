"""Session tokens become callers: proven once, each organisation an owner, and no forged one accepted."""

import asyncio
import base64
import hashlib
import hmac
import json
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from jwt.algorithms import RSAAlgorithm

from moorings.domain.caller import Scope
from moorings.domain.session import Identity, Policy
from moorings.errors import ConfigurationError, MissingRole, Unauthenticated
from moorings.services.access import Access
from moorings.services.sessions import KEPT, Sessions
from moorings.sessions.published import PublishedKeys
from moorings.sessions.tokens import KeyOfTheOperator, Tokens
from tests.services.house import START, House, Process
from tests.sessions.minting import ISSUER, KEY_ID, claims, jwk, key, member_of, pem, private_pem, token

pytestmark = pytest.mark.anyio

SAMPLES = json.loads((Path(__file__).parents[1] / "sessions" / "minted_by_emulate.json").read_text())


def sessions(process: Process, document: Any = None, issuer: str = ISSUER) -> Sessions:
    async def fetch() -> bytes:
        return json.dumps(document or {"keys": [jwk()]}).encode()

    keys = PublishedKeys(fetch, process.clock)
    return Sessions(Tokens(keys).claims, Policy(issuer), process.owners, process.clock)


def access(process: Process, found: Sessions | None = None) -> Access:
    return Access(process.database, process.clock, {}, found or sessions(process))


async def test_an_organisation_becomes_an_owner_when_it_is_first_seen(house: House) -> None:
    process = house.process()
    ada = token(START, **member_of("org_acme", "admin"))
    max_ = token(START, sub="user_max", **member_of("org_acme", "member"))
    first, second = await access(process).caller(f"Bearer {ada}"), await access(process).caller(max_)
    assert first.owner == second.owner
    assert (first.id, second.id) == ("session:user_ada", "session:user_max")
    [owner] = await process.owners.every()
    assert (owner.id, owner.name) == (first.owner, "clerk.example.com/org_acme")
    [entry] = await process.sql("SELECT kind, actor, owner FROM audit")
    assert tuple(entry) == ("owner.created", "session issuer", owner.id)


async def test_many_first_calls_at_once_make_one_owner(house: House) -> None:
    processes = [house.process() for _ in range(4)]
    mine = token(START, **member_of("org_acme", "admin"))
    callers = await asyncio.gather(*(access(process).caller(mine) for process in processes))
    assert len({caller.owner for caller in callers}) == 1


async def test_without_an_organisation_a_user_is_the_owner_and_may_do_everything_there(process: Process) -> None:
    alone = await access(process).caller(token(START))
    in_company = await access(process).caller(token(START, **member_of("org_acme", "member")))
    assert alone.owner != in_company.owner
    assert alone.may(Scope.WRITE)
    with pytest.raises(MissingRole, match="INTEGRATIONS:WRITE"):
        in_company.require(Scope.WRITE)


async def test_a_user_who_is_called_as_an_organisation_is_not_taken_for_it(house: House) -> None:
    process = house.process()
    member = await access(process).caller(token(START, **member_of("acme", "member")))
    for name in ("acme", "user", "org_acme"):
        stranger = await access(process).caller(token(START, sub=name))
        assert (stranger.owner == member.owner, stranger.may(Scope.WRITE)) == (False, True)
    assert len(await process.owners.every()) == 4


async def test_a_user_can_be_an_owner_who_is_there_already(house: House) -> None:
    process = house.process()
    owner = await process.owners.create("ada")
    await process.owners.link("ada", Identity(ISSUER, "user_ada", user=True))
    assert (await access(process).caller(token(START))).owner == owner.id


async def test_an_organisation_can_be_an_owner_who_is_there_already(house: House) -> None:
    process, other = house.process(), house.process()
    found = access(process)
    mine = token(START, **member_of("org_acme", "admin"))
    before = await found.caller(mine)
    owner = await other.owners.create("acme")
    await other.owners.link("acme", Identity(ISSUER, "org_acme"))
    house.clock.advance(seconds=1)
    assert before.owner != owner.id
    assert (await found.caller(mine)).owner == owner.id


async def test_the_name_of_an_owner_does_not_make_an_identity_its(process: Process) -> None:
    owner = await process.owners.create("acme")
    for subject in (owner.id, "acme"):
        caller = await access(process).caller(token(START, **member_of(subject, "admin")))
        assert caller.owner != owner.id


async def test_users_with_very_long_ids_stay_apart(house: House) -> None:
    process = house.process()
    callers = [await access(process).caller(token(START, sub="u" * 254 + end)) for end in "ab"]
    assert len({caller.owner for caller in callers}) == len({caller.id for caller in callers}) == 2
    assert all(len(caller.id) <= 64 for caller in callers)


async def test_a_remembered_token_ends_at_its_time(process: Process) -> None:
    found, mine = access(process), token(START)
    await found.caller(mine)
    process.clock.advance(seconds=64)
    await found.caller(mine)
    process.clock.advance(seconds=1)
    with pytest.raises(Unauthenticated, match="expired"):
        await found.caller(mine)


async def test_a_proven_token_is_proven_again_after_a_minute(process: Process) -> None:
    proven = 0

    async def prove(_: str) -> Any:
        nonlocal proven
        proven += 1
        return claims(START, exp=int(START.timestamp()) + 86_400)

    found = Sessions(prove, Policy(ISSUER), process.owners, process.clock)
    for _ in range(3):
        await found.caller("a.b.c")
    assert proven == 1
    process.clock.advance(seconds=60)
    await found.caller("a.b.c")
    assert proven == 2


async def test_only_so_many_tokens_stay_in_memory(process: Process) -> None:
    async def prove(_: str) -> Any:
        return claims(START)

    found = Sessions(prove, Policy(ISSUER), process.owners, process.clock)
    found._known = {bytes([0]) + number.to_bytes(4): None for number in range(KEPT)}  # type: ignore[misc]
    await found.caller("a.b.c")
    assert len(found._known) == KEPT


@pytest.mark.parametrize("who", ["test", "ada", "max", "una"])
async def test_tokens_of_an_issuer_that_is_not_ours_are_accepted(process: Process, who: str) -> None:
    """Minted by the Clerk emulation of the npm package `emulate` 0.11.2, in the first version of the claims."""
    said = jwt.decode(SAMPLES["tokens"][who], options={"verify_signature": False})
    process.clock.moment = datetime.fromtimestamp(said["iat"], UTC)
    found = access(process, sessions(process, SAMPLES["jwks"], SAMPLES["issuer"]))
    caller = await found.caller(SAMPLES["tokens"][who])
    assert caller.id == f"session:{said['sub']}"
    assert caller.role == {"ada": "admin", "max": "member"}.get(who)
    process.clock.moment = datetime.fromtimestamp(said["exp"] + 5, UTC)
    with pytest.raises(Unauthenticated, match="expired"):
        await found.caller(SAMPLES["tokens"][who])


async def test_a_token_of_another_issuer_is_refused_though_its_signature_is_right(process: Process) -> None:
    process.clock.moment = datetime.fromtimestamp(1_795_873_866, UTC)
    found = access(process, sessions(process, SAMPLES["jwks"]))
    with pytest.raises(Unauthenticated, match="issuer"):
        await found.caller(SAMPLES["tokens"]["ada"])


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _hs256(secret: bytes, **header: object) -> str:
    """By hand: PyJWT refuses to make one."""
    head = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': KEY_ID, **header})}.{_part(claims(START))}"
    signature = hmac.digest(secret, head.encode(), hashlib.sha256)
    return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _swapped(mine: str, **said: object) -> str:
    head, _, signature = mine.split(".")
    return f"{head}.{_part(claims(START, **said))}.{signature}"


FORGED: dict[str, Callable[[], str]] = {
    "unsigned": lambda: f"{_part({'alg': 'none', 'kid': KEY_ID})}.{_part(claims(START))}.",
    "unsigned in capitals": lambda: f"{_part({'alg': 'NONE', 'kid': KEY_ID})}.{_part(claims(START))}.",
    "without a signature": lambda: token(START).rpartition(".")[0] + ".",
    "HS256 with the public key": lambda: _hs256(pem().encode()),
    "HS256 called RS256": lambda: _hs256(pem().encode(), alg="RS256"),
    "by another key under this id": lambda: token(START, "stranger", key_id=KEY_ID),
    "by an unknown key": lambda: token(START, "stranger"),
    "other claims": lambda: _swapped(token(START), sub="user_root"),
    "PS256": lambda: jwt.encode(claims(START), key(), "PS256", headers={"kid": KEY_ID}),
    "RS512": lambda: jwt.encode(claims(START), key(), "RS512", headers={"kid": KEY_ID}),
    "its own key": lambda: jwt.encode(claims(START), key("x"), "RS256", headers={"kid": "x", "jwk": jwk("x")}),
    "its own address": lambda: jwt.encode(claims(START), key("x"), "RS256", headers={"kid": "x", "jku": "http://x/"}),
    "critical header": lambda: jwt.encode(claims(START), key(), "RS256", headers={"kid": KEY_ID, "crit": ["exp"]}),
    "expired": lambda: token(START, exp=int(START.timestamp()) - 5),
    "of the future": lambda: token(START, iat=int(START.timestamp()) + 10),
    "not yet valid": lambda: token(START, nbf=int(START.timestamp()) + 10),
    "without an end": lambda: token(START, exp=None),
    "of nobody": lambda: token(START, sub=None),
    "of another issuer": lambda: token(START, iss="https://evil.example"),
    "without an issuer": lambda: token(START, iss=None),
    "pending": lambda: token(START, sts="pending"),
    "no JSON": lambda: "a.b.c",
    "empty parts": lambda: "..",
    "no object": lambda: f"{_part([])}.{_part([])}.x",
    "deep": lambda: base64.urlsafe_b64encode(b"[" * 9_000).decode() + ".x.x",
    "huge": lambda: token(START, padding="x" * 20_000),
    "binary": lambda: "\xff.\xff.\xff",
}  # fmt: skip


@pytest.mark.parametrize("kind", FORGED)
async def test_no_forged_token_is_accepted(process: Process, kind: str) -> None:
    for prove in (sessions(process), _by_pem(process)):
        with pytest.raises(Unauthenticated):
            await access(process, prove).caller(FORGED[kind]())
    assert await process.sql("SELECT 1 FROM owners") == []


def _by_pem(process: Process, text: str | None = None) -> Sessions:
    prove = Tokens(KeyOfTheOperator(text or pem())).claims
    return Sessions(prove, Policy(ISSUER), process.owners, process.clock)


@pytest.mark.parametrize(
    "form", [lambda text: text, lambda text: text.replace("\n", "\\n"), lambda text: f"\n{text}\n"]
)
async def test_with_a_public_key_as_setting_no_network_is_needed(process: Process, form: Any) -> None:
    caller = await access(process, _by_pem(process, form(pem()))).caller(token(START))
    assert caller.id == "session:user_ada"


@pytest.mark.parametrize("text", ["", "a key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"])
async def test_a_setting_that_is_no_public_key_is_said_at_start_and_not_repeated(text: str) -> None:
    with pytest.raises(ConfigurationError, match="MOORINGS_CLERK_JWT_KEY"):
        KeyOfTheOperator(text)
    with pytest.raises(ConfigurationError, match="private"):
        KeyOfTheOperator(private_pem())


async def test_a_short_key_proves_nothing(process: Process) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyJWT says so too
        signed = jwt.encode(claims(START), key("weak", 1024), "RS256", headers={"kid": "weak"})
    weak: Any = RSAAlgorithm.to_jwk(key("weak", 1024).public_key(), as_dict=True)
    with pytest.raises(Unauthenticated):
        await access(process, sessions(process, {"keys": [{**weak, "kid": "weak"}]})).caller(signed)


async def test_without_an_issuer_a_session_token_is_a_wrong_key_like_any_other(process: Process) -> None:
    with pytest.raises(Unauthenticated, match="API key is not valid"):
        await process.access().caller(token(START))
