"""People who sign in at the company's issuer, beside API keys on every call."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.http.judge import Judge, problem
from tests.http.world import World, living, new_key, save, saved, status
from tests.sessions.minting import ISSUER, jwk, member_of, pem, token

pytestmark = pytest.mark.anyio


def signed(role: str | None = "admin", **more: Any) -> str:
    organisation: dict[str, Any] = member_of("org_acme", role) if role else {}
    return token(datetime.now(UTC), **{**organisation, **more})


@pytest.fixture
async def signing(anyio_backend: str, data_dir: Path, judge: Judge) -> AsyncIterator[World]:
    async with living(data_dir, judge, clerk_issuer=ISSUER, clerk_jwt_key=pem()) as found:
        yield found


async def test_an_admin_saves_what_a_member_sees_and_may_not_change(signing: World) -> None:
    admin, member = signing.client(signed()), signing.client(signed("member", sub="user_max"))
    await saved(admin)
    assert (await status(member))["configured"] is True
    for refused in (await save(member), await member.get("/v1/api-keys")):
        assert (refused.status_code, problem(refused)["code"]) == (403, "MISSING_ROLE")
    rows = signing.rows("SELECT actor, outcome FROM audit WHERE kind = 'call.denied'")
    assert rows == [("session:user_max", "MISSING_ROLE")] * 2


async def test_an_admin_s_key_is_good_after_the_session_has_ended(signing: World) -> None:
    made = await new_key(signing.client(signed()), "INTEGRATIONS:READ")
    assert made["expiresAt"] is None
    await saved(signing.client(signed()))
    assert (await status(signing.client(made["key"])))["configured"] is True


async def test_organisations_users_and_keys_see_nothing_of_one_another(signing: World) -> None:
    await saved(signing.client(signed()))
    strangers = [signed(None), token(datetime.now(UTC), **member_of("org_other", "admin"))]
    for stranger in [*strangers, "admin"]:
        client = signing.client() if stranger == "admin" else signing.client(stranger)
        assert (await status(client))["configured"] is False


@pytest.mark.parametrize("more", [{"exp": 1_700_000_000}, {"sts": "pending"}, {"iss": "https://evil.example"}])
async def test_a_session_that_is_not_good_is_401_and_says_why(signing: World, more: dict[str, Any]) -> None:
    answer = await signing.client(signed(**more)).get("/v1/integrations")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert problem(answer)["error"].startswith("This session token is not accepted: ")


async def test_a_token_in_a_cookie_is_none(signing: World) -> None:
    answer = await signing.client(None, Cookie=f"__session={signed()}").get("/v1/integrations")
    assert answer.status_code == 401


class Issuer:
    """Publishes keys on a loopback socket, or does worse."""

    def __init__(self) -> None:
        self.mode, self.asked, self.url = "good", 0, ""

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        if self.mode == "slow":
            await reader.read()
        body = json.dumps({"keys": [jwk()], "padding": "x" * (300_000 if self.mode == "huge" else 0)}).encode()
        status = 503 if self.mode == "down" else 200
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        writer.close()


@asynccontextmanager
async def publishing() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    server = await asyncio.start_server(issuer.connected, "127.0.0.1", 0)
    issuer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield issuer
    server.close()


async def test_the_keys_are_fetched_below_the_issuer(data_dir: Path, judge: Judge) -> None:
    async with publishing() as issuer, living(data_dir, judge, clerk_issuer=issuer.url) as world:
        for _ in range(3):
            answer = await world.client(signed(iss=issuer.url)).get("/v1/integrations/tools")
            assert answer.status_code == 200
        assert issuer.asked == 1


@pytest.mark.parametrize("mode", ["slow", "huge", "down"])
async def test_an_issuer_that_does_not_answer_rightly_stops_sessions_and_not_keys(
    data_dir: Path, judge: Judge, mode: str
) -> None:
    async with publishing() as issuer, living(data_dir, judge, clerk_issuer=ISSUER, clerk_jwks_url=issuer.url) as world:
        issuer.mode = mode
        answer = await world.client(signed()).get("/v1/integrations/tools")
        assert (answer.status_code, problem(answer)["code"]) == (500, "ISSUER_UNAVAILABLE")
        assert answer.headers["retry-after"] == "60"
        assert (await world.client().get("/v1/integrations/tools")).status_code == 200
