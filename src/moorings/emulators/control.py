"""The control path: the script of an emulator, what people do on its side, and how deliveries travel.

`/__control/{integrationId}` is the script, `/__control/{integrationId}/{deed}` a deed, `/__control/delivery` the way.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Protocol, runtime_checkable

from moorings.emulators.contract import Answer, Call, Emulator, Playable
from moorings.emulators.courier import Courier, Delivery
from moorings.emulators.script import Scripts, parsed, read
from moorings.errors import IntegrationNotFound, MethodNotAllowed, NotFound

PREFIX = "/__control"
DELIVERY = "delivery"


@runtime_checkable
class Resettable(Protocol):
    """An emulator that remembers, such as which credential was revoked."""

    def reset(self) -> None:
        """Forget it."""
        ...


class Control:
    """Answers the calls of the control path; their `path` is relative to it."""

    def __init__(self, emulators: Mapping[str, Emulator], scripts: Scripts, courier: Courier) -> None:
        self._emulators, self._scripts, self._courier = emulators, scripts, courier
        self._methods: Mapping[str, Callable[[str, Call], Answer]] = {
            "GET": self._get, "PUT": self._put, "DELETE": self._delete,
        }  # fmt: skip

    def answer(self, call: Call) -> Answer:
        """Raises `NotFound`, `MethodNotAllowed` or `InvalidBody` for a call that it does not take."""
        if call.path in ("", "/"):
            return self._list(call)
        integration_id, _, deed = call.path.removeprefix("/").partition("/")
        if call.path == f"/{DELIVERY}":
            return self._deliver(call)
        if integration_id not in self._emulators:
            raise unknown(integration_id)
        if deed:
            return self._play(integration_id, replace(call, path=f"/{deed}"))
        if call.method not in self._methods:
            raise MethodNotAllowed(f"This path takes {', '.join(self._methods)}.")
        return self._methods[call.method](integration_id, call)

    def _list(self, call: Call) -> Answer:
        if call.method != "GET":
            raise MethodNotAllowed("This path takes GET; add an integration's id to change its script.")
        return Answer(HTTPStatus.OK, {"emulators": [self._shown(name) for name in sorted(self._emulators)]})

    def _play(self, integration_id: str, call: Call) -> Answer:
        emulator = self._emulators[integration_id]
        if not isinstance(emulator, Playable):
            raise NotFound(f"Nobody acts on the side of {integration_id}; its script is all that can be changed.")
        return emulator.play(call)

    def _deliver(self, call: Call) -> Answer:
        match call.method:
            case "GET":
                pass
            case "PUT":
                self._courier.delivery = read(Delivery, call.body, "a way of delivering")
            case "DELETE":
                self._courier.delivery = self._courier.usual
            case _:
                raise MethodNotAllowed("This path takes GET, PUT, DELETE.")
        return Answer(HTTPStatus.OK, self._courier.delivery.model_dump())

    def _get(self, integration_id: str, _: Call) -> Answer:
        return Answer(HTTPStatus.OK, self._shown(integration_id))

    def _put(self, integration_id: str, call: Call) -> Answer:
        self._scripts.put(integration_id, parsed(call.body))
        return Answer(HTTPStatus.OK, self._shown(integration_id))

    def _delete(self, integration_id: str, _: Call) -> Answer:
        self._scripts.remove(integration_id)
        emulator = self._emulators[integration_id]
        if isinstance(emulator, Resettable):
            emulator.reset()
        return Answer(HTTPStatus.NO_CONTENT)

    def _shown(self, integration_id: str) -> dict[str, Any]:
        credentials = dict(self._emulators[integration_id].credentials())
        return {
            "integrationId": integration_id,
            "credentials": credentials,
            "script": self._scripts.shown(integration_id),
        }


def unknown(integration_id: str) -> NotFound:
    """The error for an id that no emulator bears; it says the id again only where that is safe."""
    said = f" for {integration_id}" if integration_id.isascii() and integration_id.replace("-", "").isalnum() else ""
    return IntegrationNotFound(f"There is no emulator{said}; GET {PREFIX} lists them.")
