"""Asking a provider as the server would: through a real transport and a real socket, or beside them."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Self, cast

import httpx2
import pytest

from moorings.catalog.checks import names_in, names_in_body
from moorings.domain.credential import Verification
from moorings.domain.integration import Integration
from moorings.domain.request_form import RequestForm, VerifyForm
from moorings.domain.secret import Secret
from moorings.emulators.contract import Answer, Call, Emulator
from moorings.errors import CredentialsRejected, MooringsError, ProviderFailed, ProviderTimeout
from moorings.providers.answers import find
from moorings.providers.contract import Verifier
from moorings.providers.declarative import DeclarativeVerifier
from moorings.providers.registry import verifiers
from moorings.providers.request import PreparedRequest, build
from moorings.providers.transport import Reply, Transport
from tests.contract.catalogue import accepted, call_of, emulator_modules, emulators, integration


class Told:
    """A provider that says what it is told, whoever asks, and remembers who asked."""

    integration_id = "told"

    def __init__(self) -> None:
        self.says = Answer(500)
        self.calls: list[Call] = []

    def credentials(self) -> Mapping[str, str]:
        return {}

    def answer(self, call: Call) -> Answer:
        self.calls.append(call)
        return self.says


class Asked:
    """Takes the transport's place and asks an emulator, or has its answer ready."""

    def __init__(self, base: str, emulator: Emulator | None = None, ready: Answer | None = None) -> None:
        self._base, self._emulator, self._ready = base, emulator, ready

    def to(self, _integration_id: str) -> Self:
        return self

    async def send(self, request: PreparedRequest) -> Reply:
        answer = self._ready or cast("Emulator", self._emulator).answer(call_of(request, self._base))
        return Reply(int(answer.status), answer.headers, written(answer))


def written(answer: Answer) -> bytes:
    return answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()


def verifier(integration_id: str, transport: Transport, base: str, *, whole: bool = False) -> Verifier:
    """As the server makes it; `whole` says that the address is not one of many emulators."""
    upstream = base if whole else f"{base}/{integration_id}"
    return verifiers([integration(integration_id)], transport, {integration_id: upstream})[integration_id]


def beside(entry: Integration, asked: Asked) -> Verifier:
    """A verifier that asks without a socket."""
    return verifiers([entry], cast("Transport", asked), {})[entry.id]


def form_of(entry: Integration) -> VerifyForm:
    """How the manifest proves credentials."""
    assert entry.verify is not None
    return entry.verify


def proving(entry: Integration) -> RequestForm:
    """The request that proves credentials: one of its own, or the exchange for an access token."""
    form = form_of(entry).request or (entry.auth.token.request if entry.auth.token else None)
    assert form is not None
    return form


def proving_request(entry: Integration) -> PreparedRequest:
    """The request that proves the accepted credentials."""
    pair, token = proving_pair(entry), access_token(entry)
    return build(entry, proving(entry), accepted(entry.id), basic=pair, token=token)


def proving_pair(entry: Integration) -> tuple[str, str] | None:
    """The two parts of HTTP Basic where the exchange has its own."""
    token = entry.auth.token if form_of(entry).request is None else None
    return token.basic if token else None


def access_token(entry: Integration) -> Secret | None:
    """What the stand-in exchanges the accepted credentials for; None where there is no exchange."""
    form = entry.auth.token
    if form is None:
        return None
    request = build(entry, form.request, accepted(entry.id), basic=form.basic, upstream="http://127.0.0.1:9/at")
    body = emulators()[entry.id].answer(call_of(request, "http://127.0.0.1:9/at")).body
    return Secret(str(find(form.token, body)))


def shown_secrets(entry: Integration) -> list[str]:
    """The secrets that the provider is shown; one for incoming messages alone it cannot refuse."""
    exchange = entry.auth.token
    request = exchange.request if exchange else entry.verify.request if entry.verify else None
    places = (
        dict(entry.auth.headers),
        entry.auth.basic or (),
        (exchange.basic if exchange else None) or (),
        (request.path, dict(request.headers)) if request else (),
    )
    shown = {name.removeprefix("fields.") for name in names_in(places)}
    shown |= {name.removeprefix("fields.") for name in names_in_body(request.body if request else None)}
    secret = [field.name for field in entry.fields if field.secret and field.name in accepted(entry.id)]
    return [name for name in secret if name in shown] or secret


def changed(integration_id: str, name: str, change: Any) -> dict[str, Secret]:
    return {**accepted(integration_id), name: Secret(change(accepted(integration_id)[name].reveal()))}


def subtle(integration_id: str) -> tuple[tuple[str, Answer, str], ...]:
    cases: tuple[tuple[str, Answer, str], ...] = emulator_modules()[integration_id].SUBTLE
    return cases


def failed(answer: Answer) -> bool:
    """A provider that answers every failure with 200 says so in its body."""
    return isinstance(answer.body, dict) and (answer.body.get("ok") is False or "errors" in answer.body)


def without_rule(entry: Integration, place: int) -> Integration:
    form = form_of(entry)
    rules = tuple(rule for position, rule in enumerate(form.rules) if position != place)
    return replace(entry, verify=replace(form, rules=rules))


async def outcomes(entry: Integration) -> list[tuple[str, str | None]]:
    cases = [answer for _, answer, _ in subtle(entry.id)]
    asked = [DeclarativeVerifier(cast("Transport", Asked("", ready=answer)), entry) for answer in cases]
    return [await outcome_of(one, accepted(entry.id)) for one in asked]


async def outcome_of(asked: Verifier, fields: Mapping[str, Secret]) -> tuple[str, str | None]:
    """What a verifier makes of an answer, and what it tells the person."""
    try:
        verification: Verification = await asked.verify(fields)
    except CredentialsRejected as error:
        return "rejected", error.message
    except ProviderFailed as error:
        return "unavailable", error.message
    return "works", verification.note


@asynccontextmanager
async def scripted(address: str, integration_id: str, script: Mapping[str, Any]) -> AsyncIterator[None]:
    """The emulator follows a script of the control path meanwhile."""
    async with httpx2.AsyncClient(base_url=address, trust_env=False) as client:
        (await client.put(f"/__control/{integration_id}", json=script)).raise_for_status()
        yield
        (await client.delete(f"/__control/{integration_id}")).raise_for_status()


async def assert_unavailable(asked: Verifier, fields: Mapping[str, Secret]) -> None:
    with pytest.raises(ProviderFailed) as failure:
        await asked.verify(fields)
    assert not isinstance(failure.value, ProviderTimeout)
    assert_silent(failure.value, fields)


def assert_silent(error: MooringsError, fields: Mapping[str, Secret]) -> None:
    """No error says a secret, in its words, its details or its causes."""
    said = " ".join([error.message, *(f"{detail.field} {detail.message}" for detail in error.details)])
    assert all(len(secret.reveal()) < 12 or secret.reveal() not in said for secret in fields.values())
    assert error.__cause__ is None
