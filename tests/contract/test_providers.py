"""Every provider: it works, it refuses wrong credentials, it cannot be reached; and its stand-in is faithful."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any, cast

import pytest

from moorings.domain.request_form import Outcome
from moorings.emulators.contract import Answer
from moorings.emulators.server import EmulatorServer
from moorings.errors import CredentialsRejected, ProviderTimeout
from moorings.providers.answers import find
from moorings.providers.request import PreparedRequest, build
from moorings.providers.transport import Transport
from tests.contract import allowances, graphql_documents, published, sent
from tests.contract.asking import (
    Asked,
    Told,
    assert_silent,
    assert_unavailable,
    beside,
    changed,
    failed,
    form_of,
    outcome_of,
    outcomes,
    proving,
    proving_request,
    scripted,
    shown_secrets,
    subtle,
    verifier,
    without_rule,
)
from tests.contract.catalogue import IDS, accepted, call_of, emulators, integration
from tests.contract.loopback import HOST, free_port, serving

pytestmark = pytest.mark.anyio

PROVING = [name for name in IDS if name in emulators() and integration(name).verify is not None]
JUDGED = [name for name in PROVING if allowances.request_judged(name)]
ANSWERS_JUDGED = [name for name in PROVING if allowances.answer_judged(name)]
WITHOUT_SCHEMA = [name for name in PROVING if "verify" in allowances.without_schema(name)]
REVOKING = [name for name in PROVING if integration(name).revoke.request is not None]
ONE = PROVING[0]
HTML = Answer(200, b"<!doctype html><title>Sign in to this network</title>", {"content-type": "text/html"})


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(EmulatorServer(emulators())) as base:
        yield base


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


@pytest.fixture(scope="module")
def told_address(told: Told) -> Iterator[str]:
    with serving(EmulatorServer({"told": told})) as base:
        yield f"{base}/told"


@pytest.fixture(scope="module")
async def transport() -> AsyncIterator[Transport]:
    async with Transport(timeout=5) as made:
        yield made


@pytest.fixture(params=PROVING)
def integration_id(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.mark.parametrize("name", IDS)
def test_every_provider_has_a_stand_in(name: str) -> None:
    assert name in emulators()


@pytest.mark.parametrize("name", sorted(emulators()))
def test_every_stand_in_has_a_provider(name: str) -> None:
    assert name in IDS


async def test_it_works(integration_id: str, address: str, transport: Transport) -> None:
    verification = await verifier(integration_id, transport, address).verify(accepted(integration_id))
    form, account = form_of(integration(integration_id)), verification.account
    assert (account is not None and account.id is not None) == (form.account_id is not None)
    assert (account is not None and account.label is not None) == (form.account_label is not None)


async def test_wrong_credentials_are_refused(integration_id: str, address: str, transport: Transport) -> None:
    for name in shown_secrets(integration(integration_id)):
        wrong = changed(integration_id, name, lambda value: value[:-1] + ("b" if value[-1] == "a" else "a"))
        with pytest.raises(CredentialsRejected) as refusal:
            await verifier(integration_id, transport, address).verify(wrong)
        assert_silent(refusal.value, wrong)


async def test_it_cannot_be_reached(integration_id: str, transport: Transport) -> None:
    nowhere = f"http://{HOST}:{free_port()}"
    await assert_unavailable(verifier(integration_id, transport, nowhere), accepted(integration_id))


async def test_a_page_of_html_is_no_yes(
    integration_id: str, told: Told, told_address: str, transport: Transport
) -> None:
    rules = form_of(integration(integration_id)).rules
    for status in {200, *(status for rule in rules if rule.outcome == Outcome.WORKS for status in rule.status)}:
        told.says = replace(HTML, status=status)
        asked = verifier(integration_id, transport, told_address, whole=True)
        assert (await outcome_of(asked, accepted(integration_id)))[0] != "works", f"HTML with {status}"
    told.says = HTML
    await assert_unavailable(verifier(integration_id, transport, told_address, whole=True), accepted(integration_id))


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"\xff{", b"[" * 100_000], ids=["empty", "null", "list", "no text", "deep"]
)
async def test_nonsense_is_no_yes(body: bytes, told: Told, told_address: str, transport: Transport) -> None:
    told.says = Answer(200, body, {"content-type": "application/json"})
    await assert_unavailable(verifier(ONE, transport, told_address, whole=True), accepted(ONE))


async def test_what_cannot_be_unpacked_is_no_yes(told: Told, told_address: str, transport: Transport) -> None:
    told.says = Answer(200, b"not packed", {"content-encoding": "gzip"})
    await assert_unavailable(verifier(ONE, transport, told_address, whole=True), accepted(ONE))


async def test_a_redirect_is_not_followed(
    integration_id: str, told: Told, told_address: str, transport: Transport
) -> None:
    elsewhere = told_address.replace(HOST, "localhost")
    for status in (301, 302, 307):
        told.says, told.calls[:] = Answer(status, None, {"location": f"{elsewhere}/stolen"}), []
        await assert_unavailable(
            verifier(integration_id, transport, told_address, whole=True), accepted(integration_id)
        )
        assert [call for call in told.calls if call.path == "/stolen"] == []
        assert len(told.calls) == 1


async def test_an_answer_that_breaks_off(integration_id: str, address: str, transport: Transport) -> None:
    async with scripted(address, integration_id, {"drop": True}):
        await assert_unavailable(verifier(integration_id, transport, address), accepted(integration_id))


async def test_every_subtle_answer_is_read_aright(
    integration_id: str, told: Told, told_address: str, transport: Transport
) -> None:
    asked = verifier(integration_id, transport, told_address, whole=True)
    misread = {}
    for name, answer, expected in subtle(integration_id):
        told.says = answer
        outcome = (await outcome_of(asked, accepted(integration_id)))[0]
        if outcome != expected:
            misread[name] = f"{outcome}, not {expected}"
    assert misread == {}


async def test_every_rule_decides_a_subtle_case(integration_id: str) -> None:
    entry = integration(integration_id)
    idle = [
        rule
        for place, rule in enumerate(form_of(entry).rules)
        if await outcomes(entry) == await outcomes(without_rule(entry, place))
    ]
    assert idle == []


def test_the_stand_in_covers_the_common_failures(integration_id: str) -> None:
    cases = subtle(integration_id)
    assert len({name for name, _, _ in cases}) == len(cases)
    assert {expected for _, _, expected in cases} >= {"rejected", "unavailable"}
    assert any(answer.status >= 500 for _, answer, _ in cases)
    assert any(answer.status == 200 and isinstance(answer.body, bytes) for _, answer, _ in cases)


def test_the_accepted_credentials_are_valid_and_plainly_made_up(integration_id: str) -> None:
    entry = integration(integration_id)
    entry.check(accepted(integration_id))
    for name in shown_secrets(entry):
        value = accepted(integration_id)[name].reveal()
        assert "emulat" in value.casefold()
        assert len(value) >= 24


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value[:-1],
        lambda value: value + "x",
        str.swapcase,
        lambda value: value.replace("emulat", "stolen"),
        lambda _: "x",
    ],
    ids=["cut short", "longer", "other case", "another", "a letter"],
)
async def test_only_the_accepted_credentials_are_accepted(integration_id: str, change: Any) -> None:
    entry = integration(integration_id)
    asked = beside(entry, Asked(entry.base_url, emulators()[integration_id]))
    for name in shown_secrets(entry):
        assert (await outcome_of(asked, changed(integration_id, name, change)))[0] == "rejected"
    assert (await outcome_of(asked, accepted(integration_id)))[0] == "works"


@pytest.mark.parametrize("integration_id", published.judged(JUDGED))
def test_the_proving_request_is_what_the_provider_published(integration_id: str) -> None:
    if schema := graphql_documents.schema(integration_id):
        assert graphql_documents.problems(schema, proving(integration(integration_id)).body) == []
        return
    request, operation = proof(integration_id)
    assert sent.problems(request, operation) == []


@pytest.mark.parametrize("integration_id", published.judged(ANSWERS_JUDGED))
def test_the_good_answer_is_what_the_provider_published(integration_id: str) -> None:
    request, operation = proof(integration_id)
    answer = emulators()[integration_id].answer(call_of(request, integration(integration_id).base_url))
    assert answer.status == HTTPStatus.OK
    schema = operation.answer(int(answer.status))
    assert schema is not None, "the document has no schema of it: say so in its allowances"
    assert list(operation.document.problems(schema, answer.body, "writeOnly")) == []


@pytest.mark.parametrize("integration_id", published.judged(allowances.all_verifying()))
def test_every_allowance_for_proving_is_needed(integration_id: str) -> None:
    request, allowed = proving_request(integration(integration_id)), allowances.method(integration_id)
    assert allowed != request.method
    assert published.found(integration(integration_id), request, request.method) is None


@pytest.mark.parametrize("integration_id", published.judged(WITHOUT_SCHEMA))
def test_a_good_answer_that_is_said_to_have_no_schema_has_none(integration_id: str) -> None:
    request, operation = proof(integration_id)
    answer = emulators()[integration_id].answer(call_of(request, integration(integration_id).base_url))
    assert operation.answer(int(answer.status)) is None


def test_an_unknown_path_is_refused(integration_id: str) -> None:
    entry = integration(integration_id)
    request = build(entry, replace(proving(entry), path="/no/such/path"), accepted(integration_id))
    answer = emulators()[integration_id].answer(call_of(request, request.url.partition("/no/such/path")[0]))
    assert 400 <= answer.status < 500 or failed(answer)


@pytest.mark.parametrize("integration_id", REVOKING)
async def test_a_revoked_credential_is_dead(integration_id: str) -> None:
    entry = integration(integration_id)
    assert entry.revoke.supported
    assert entry.revoke.request is not None
    emulator = cast("Any", emulators()[integration_id])
    transport = Asked(entry.base_url, emulator)
    reply = await transport.send(build(entry, entry.revoke.request, accepted(integration_id)))
    try:
        assert reply.status in entry.revoke.ok
        assert entry.revoke.confirmed is None or find(entry.revoke.confirmed, reply.json())
        assert (await outcome_of(beside(entry, transport), accepted(integration_id)))[0] == "rejected"
    finally:
        emulator.reset()
    assert (await outcome_of(beside(entry, transport), accepted(integration_id)))[0] == "works"


async def test_a_slow_answer_is_not_waited_for(address: str) -> None:
    async with Transport(timeout=0.5) as hasty:
        for script in ({"delayMs": 5000}, {"slow": 5}):
            async with scripted(address, ONE, script):
                with pytest.raises(ProviderTimeout) as failure:
                    await verifier(ONE, hasty, address).verify(accepted(ONE))
            assert_silent(failure.value, accepted(ONE))


async def test_an_answer_over_the_limit_is_broken_off(told: Told, told_address: str) -> None:
    told.says = Answer(200, {"data": "x" * 2000})
    async with Transport(timeout=5, max_answer=1000) as narrow:
        await assert_unavailable(verifier(ONE, narrow, told_address, whole=True), accepted(ONE))


def proof(integration_id: str) -> tuple[PreparedRequest, published.Operation]:
    """The request that proves the accepted credentials, and its operation."""
    request = proving_request(integration(integration_id))
    method = allowances.method(integration_id) or request.method
    return request, published.operation(integration(integration_id), request, method)
