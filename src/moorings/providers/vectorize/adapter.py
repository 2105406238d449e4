"""Cloudflare Vectorize v2: looks at indexes, makes them, and checks what its tools are given before the call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moorings.domain.integration import Integration
from moorings.domain.request_form import RequestForm
from moorings.domain.run import Run
from moorings.domain.secret import SecretFields
from moorings.domain.tool import Tool
from moorings.domain.vector import Examination, Index, NewIndex
from moorings.errors import CredentialsRejected, IndexNotFound, InvalidRequest, MooringsError, ProviderFailed
from moorings.providers.declarative import DeclarativeVerifier
from moorings.providers.request import build
from moorings.providers.running import DeclarativeRunner, Limits
from moorings.providers.transport import Transport
from moorings.providers.vectorize import limits
from moorings.providers.vectorize.envelope import result_of

_INDEXES = "/accounts/{fields.accountId}/vectorize/v2/indexes"
LIST = RequestForm("GET", _INDEXES)
CREATE = RequestForm(
    "POST", _INDEXES,
    body={
        "name": "{name}", "description": "{description}",
        "config": {"dimensions": "{dimensions}", "metric": "{metric}", "preset": "{preset}"},
    },
)  # fmt: skip
INFO = RequestForm("GET", _INDEXES + "/{fields.indexName}/info")
TOKEN_CHECKS = (
    RequestForm("GET", "/user/tokens/verify"), RequestForm("GET", "/accounts/{fields.accountId}/tokens/verify"),
)  # fmt: skip
NO_SUCH_INDEX = (
    "The token is good, but the account has no index of this name; POST /v1/integrations/vectorize/indexes makes one."
)
MAY_NOT_HERE = (
    "The token is active, but it lacks the permission Vectorize Read or Vectorize Write, or may not act on this "
    "account; check the account id too."
)


class Store:
    """See `moorings.providers.contract.VectorStore`."""

    def __init__(self, transport: Transport, integration: Integration, upstream: str | None, bounds: Limits) -> None:
        self._transport, self._integration, self._upstream = transport, integration, upstream
        verifier = DeclarativeVerifier(transport, integration, upstream)
        self._runner = DeclarativeRunner(transport, integration, upstream, None, verifier, bounds)

    def checked(self, fields: SecretFields) -> SecretFields:
        """See `VectorStore.checked`."""
        return fields

    def same_place(self, before: SecretFields, after: SecretFields) -> bool:  # noqa: ARG002 - the protocol's
        """See `VectorStore.same_place`: whatever the account, it is asked of Cloudflare alone."""
        return True

    async def examine(self, fields: SecretFields) -> Examination:
        """List the indexes: the only call that proves the permission. The rest of the answer explains."""
        try:
            found = await self.indexes(fields)
        except CredentialsRejected as error:
            raise CredentialsRejected(await self._explained(fields, error), error.details) from None
        except InvalidRequest as error:  # such as a plan without Vectorize: the token is good, and nothing will work
            return Examination(_facts(None, None), error)
        if "indexName" not in fields:
            return Examination({**_facts(None, None), "indexFound": None})
        name = fields["indexName"].reveal()
        index = next((index for index in found if index.name == name), None)
        if index is None:
            return Examination(_facts(None, None), IndexNotFound(NO_SUCH_INDEX))
        return Examination(_facts(index, await self._vector_count(fields)))

    async def indexes(self, fields: SecretFields) -> Sequence[Index]:
        """All indexes of the account; Cloudflare returns them on one page."""
        result = await self._ask(LIST, fields)
        if not isinstance(result, list):
            raise ProviderFailed("Cloudflare answered with something that is no list of indexes; try again later.")
        return [_index(item) for item in result if isinstance(item, dict)]

    async def create_index(self, fields: SecretFields, wish: NewIndex) -> Index:
        """Make an index; raises `IndexExists` for a name that is taken."""
        given = {
            "name": wish.name, "description": wish.description, "dimensions": wish.dimensions, "metric": wish.metric,
            "preset": wish.preset,
        }  # fmt: skip
        result = await self._ask(CREATE, fields, {name: value for name, value in given.items() if value is not None})
        if not isinstance(result, dict):
            raise ProviderFailed("Cloudflare answered with something that is no index; look whether it was made.")
        return _index(result)

    def knowing(self, facts: Mapping[str, Any]) -> "Runner":
        """See `VectorStore.knowing`."""
        return Runner(self._runner, facts)

    async def _vector_count(self, fields: SecretFields) -> int | None:
        """How many vectors there are; not knowing it is no failure."""
        try:
            info = await self._ask(INFO, fields)
        except MooringsError:
            return None
        return _number(info.get("vectorCount")) if isinstance(info, dict) else None

    async def _ask(self, form: RequestForm, fields: SecretFields, values: Mapping[str, Any] | None = None) -> Any:
        request = build(self._integration, form, fields, values, self._upstream)
        return result_of(await self._transport.send(request))

    async def _explained(self, fields: SecretFields, error: CredentialsRejected) -> str:
        """Why a token was refused, as far as Cloudflare tells: a user's token and an account's are asked apart."""
        for form in TOKEN_CHECKS:
            try:
                told = await self._ask(form, fields)
            except MooringsError:
                continue
            status = told.get("status") if isinstance(told, dict) else None
            if status == "active":
                return MAY_NOT_HERE
            if status in ("disabled", "expired"):
                return f"Cloudflare says that this token is {status}; make a new one, or enable it again."
        return f"{error.message} It knows no such token; check that it was copied whole and was not deleted."


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs the declared tools, after a look at what the index would refuse."""

    runner: DeclarativeRunner
    facts: Mapping[str, Any]

    async def run(self, tool: Tool, fields: SecretFields, parameters: Mapping[str, Any]) -> Run:
        """See `ToolRunner.run`."""
        own = parameters.get("index_name") in (None, fields["indexName"].reveal())
        limits.check(tool, parameters, _number(self.facts.get("dimensions")) if own else None)
        return await self.runner.run(tool, fields, parameters)


def _facts(index: Index | None, vectors: int | None) -> dict[str, Any]:
    return {
        "indexFound": index is not None,
        "dimensions": index.dimensions if index else None,
        "metric": index.metric if index else None,
        "vectorCount": vectors,
    }


def _index(told: Mapping[str, Any]) -> Index:
    config = told.get("config")
    config = config if isinstance(config, dict) else {}
    return Index(
        name=str(told.get("name", "")), dimensions=_number(config.get("dimensions")),
        metric=_text(config.get("metric")), preset=_text(config.get("preset")),
        description=_text(told.get("description")),
        created_at=_text(told.get("created_on")), updated_at=_text(told.get("modified_on")),
    )  # fmt: skip


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
