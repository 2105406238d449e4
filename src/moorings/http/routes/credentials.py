"""Calls 4, 34 and 35: credentials are saved, shown as status, and deleted for good."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of
from moorings.http.etag import kept
from moorings.http.operation import Operation
from moorings.http.paths import IntegrationId
from moorings.http.query import Query, query_of
from moorings.http.render import statuses
from moorings.http.routing import Router
from moorings.http.schemas.credentials import (
    CredentialsDeleted,
    CredentialsSaved,
    CredentialStatusList,
    SaveCredentials,
)
from moorings.http.schemas.integrations import AccountOut
from moorings.services.credentials import Removed, Saved

router = Router(prefix="/v1/integrations", tag="Integrations")


class StatusQuery(Query):
    """Which connections are wanted, and from which environment they are seen."""

    environment: str | None = Field(None, description="See it from this environment.", examples=["production"])
    integration_id: tuple[str, ...] = Field(
        (), alias="integrationId", description="Only these; may be repeated.", max_length=200, examples=[["firecrawl"]]
    )
    configured: bool | None = Field(None, description="Only those with, or without, an answer.")


@router.get(
    "/credentials/status",
    Operation(
        id="getIntegrationCredentialStatus",
        summary="Get integration credential status",
        answer=CredentialStatusList,
        query=StatusQuery,
        unchanged=True,
        errors=(400, 401, 403, 500),
    ),
)
async def credential_status(request: Request) -> Response:
    """Every catalogue entry and installation: what is configured, and which entry answers where."""
    query, hub = query_of(request, StatusQuery), hub_of(request)
    visible = await hub.integrations.visible(caller_of(request), query.environment)

    def render() -> bytes:
        places = (*(entry.id for entry in hub.catalog), *visible.installation_ids())
        wanted = (place for place in places if place in (query.integration_id or places))
        found = (visible.status(place, query.environment) for place in wanted)
        return statuses(view for view in found if query.configured in (None, view.configured))

    return kept(request, visible, ("status", query), render)


@router.post(
    "/{integrationId}/credentials",
    Operation(
        id="saveIntegrationCredentials",
        summary="Save integration credentials",
        answer=CredentialsSaved,
        body=SaveCredentials,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def save_credentials(request: Request, integrationId: IntegrationId) -> Response:  # noqa: N803 - the contract's name
    """Check credentials with the provider, then store them sealed; nothing is stored unless it agrees."""
    given = await body.body_of(request, SaveCredentials)
    wish = (integrationId, given.environment, given.secrets())
    named = "environment" in given.model_fields_set
    saved = await hub_of(request).credentials.save(caller_of(request), *wish, verify=given.verify, given=named)
    return answer(_saved(integrationId, saved))


class PublishedDeleteQuery(Query):
    """Which entry goes, as it is published to the letter."""

    environment: str | None = Field(
        None, description="Whose entry goes; without it, the entry for all environments.", examples=["production"]
    )


class DeleteQuery(PublishedDeleteQuery):
    """The same, and whether the provider is told to revoke them; docs/access.md tells of it."""

    revoke: bool = True


@router.delete(
    "/{integrationId}/credentials",
    Operation(
        id="deleteIntegrationCredentials",
        summary="Delete integration credentials",
        answer=CredentialsDeleted,
        query=PublishedDeleteQuery,
        errors=(400, 401, 403, 404, 500),
    ),
)
async def delete_credentials(request: Request, integrationId: IntegrationId) -> Response:  # noqa: N803 - the contract's name
    """Delete the sealed bytes of one entry. For an installation this is the uninstall."""
    query = query_of(request, DeleteQuery)
    wish = (integrationId, query.environment)
    removed = await hub_of(request).credentials.remove(caller_of(request), *wish, revoke=query.revoke)
    hub_of(request).jobs.wake()
    return answer(_deleted(integrationId, removed))


def _saved(integration_id: str, saved: Saved) -> CredentialsSaved:
    account = AccountOut(id=saved.account.id, label=saved.account.label) if saved.account else None
    return CredentialsSaved(
        success=True, integration_id=integration_id, environment=saved.environment, message=_story(saved),
        account=account, verified_at=saved.verified_at,
    )  # fmt: skip


def _story(saved: Saved) -> str:
    name, place = saved.connection.integration.name, _place(saved.environment)
    if saved.verified_at is None:
        return f"The credentials of {name} are stored for {place}; {name} was not asked."
    return f"{name} accepts the credentials; they are stored for {place}.{' ' + saved.note if saved.note else ''}"


def _deleted(integration_id: str, removed: Removed) -> CredentialsDeleted:
    name, place = removed.connection.integration.name, _place(removed.environment)
    gone = f"The installation of {name} is removed" if removed.uninstalled else f"The credentials of {name} are deleted"
    message = f"{gone} for {place}.{' ' + removed.note if removed.note else ''}"
    return CredentialsDeleted(
        environment=removed.environment, integration_id=integration_id, message=message, success=True
    )


def _place(environment: str | None) -> str:
    return environment or "all environments"
