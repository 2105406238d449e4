"""The control path `/__control/{integrationId}`: GET, PUT and DELETE the script of an emulator."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Protocol, runtime_checkable

from moorings.emulators.contract import Answer, Call, Emulator
from moorings.emulators.script import Scripts, parsed
from moorings.errors import IntegrationNotFound, MethodNotAllowed, NotFound

PREFIX = "/__control"


@runtime_checkable
class Resettable(Protocol):
    """An emulator that remembers, such as which credential was revoked."""

    def reset(self) -> None:
        """Forget it."""
        ...


class Control:
    """Answers the calls of the control path; their `path` is relative to it."""

    def __init__(self, emulators: Mapping[str, Emulator], scripts: Scripts) -> None:
        self._emulators, self._scripts = emulators, scripts
        self._methods: Mapping[str, Callable[[str, Call], Answer]] = {
            "GET": self._get, "PUT": self._put, "DELETE": self._delete,
        }  # fmt: skip

    def answer(self, call: Call) -> Answer:
        """Raises `NotFound`, `MethodNotAllowed` or `InvalidBody` for a call that it does not take."""
        if call.path in ("", "/"):
            return self._list(call)
        integration_id = call.path.removeprefix("/")
        if integration_id not in self._emulators:
            raise unknown(integration_id)
        if call.method not in self._methods:
            raise MethodNotAllowed(f"This path takes {', '.join(self._methods)}.")
        return self._methods[call.method](integration_id, call)

    def _list(self, call: Call) -> Answer:
        if call.method != "GET":
            raise MethodNotAllowed("This path takes GET; add an integration's id to change its script.")
        return Answer(HTTPStatus.OK, {"emulators": [self._shown(name) for name in sorted(self._emulators)]})

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
