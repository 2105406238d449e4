"""Calls 5 and 6, the manifest from which Slack makes an app, and the way over Slack's own page."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of, renderer_of
from moorings.http.operation import Operation
from moorings.http.query import Query, query_of
from moorings.http.routing import Router
from moorings.http.schemas.slack import (
    ConnectSlack,
    InstallSlack,
    MakeSlackManifest,
    RotateSlack,
    SlackConnection,
    SlackInstallation,
    SlackManifest,
    SlackRotation,
)

router = Router(prefix="/v1/integrations/slack", tag="Integrations")

NEXT = "Create the app on Slack's page, install it in the workspace, then install it here with its token and secret."
NO_HTTPS = " Slack sends events only to a public https address: set MOORINGS_PUBLIC_URL and ask for a new manifest."


@router.post(
    "/install",
    Operation(
        id="installSlackIntegration",
        summary="Install Slack integration",
        answer=SlackInstallation,
        status=201,
        body=InstallSlack,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def install_slack(request: Request) -> Response:
    """Ask Slack whose bot the token is, then store token and signing secret sealed; nothing unless it agrees."""
    given = await body.body_of(request, InstallSlack)
    installed = await hub_of(request).slack.install(caller_of(request), given.fields(), given.wish())
    address = renderer_of(request).webhook(installed.installation)
    return answer(SlackInstallation.of(installed, address or ""), 201)


@router.post(
    "/rotate",
    Operation(
        id="rotateSlackCredentials",
        summary="Rotate Slack credentials",
        answer=SlackRotation,
        body=RotateSlack,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def rotate_slack(request: Request) -> Response:
    """Swap the token, the signing secret or both at once; the old ones keep working when the new are refused."""
    given = await body.body_of(request, RotateSlack)
    rotated = await hub_of(request).slack.rotate(caller_of(request), given.integration_id, given.new())
    return answer(SlackRotation.of(rotated))


@router.post(
    "/manifest",
    Operation(
        id="makeSlackManifest",
        summary="Make a Slack app manifest",
        answer=SlackManifest,
        status=201,
        body=MakeSlackManifest,
        errors=(400, 401, 403, 404, 409, 413, 500),
    ),
)
async def make_manifest(request: Request) -> Response:
    """A ready app manifest with our event address for a reserved installation; it is reserved now if none is named."""
    given, hub = await body.body_of(request, MakeSlackManifest), hub_of(request)
    offer = await hub.slack.app(caller_of(request), given.wish(), given.slash_commands())
    told = NEXT if hub.public_url.startswith("https://") else NEXT + NO_HTTPS
    made = SlackManifest(
        integration_id=offer.installation.id, manifest=dict(offer.app.manifest), create_url=offer.app.create_url,
        webhook_url=renderer_of(request).webhook(offer.installation) or "", message=told,
        expires_at=offer.installation.expires_at,
    )  # fmt: skip
    return answer(made, 201)


@router.post(
    "/connect",
    Operation(
        id="connectSlackApp",
        summary="Connect a Slack app by OAuth",
        answer=SlackConnection,
        status=201,
        body=ConnectSlack,
        errors=(400, 401, 403, 404, 409, 413, 500),
    ),
)
async def connect(request: Request) -> Response:
    """Keep the app's client id and secrets sealed, and answer the address where a person lets the app in."""
    given, hub = await body.body_of(request, ConnectSlack), hub_of(request)
    wish = (given.wish(), given.fields(), given.scopes or ())
    begun = await hub.slack_authorisation.begin(caller_of(request), *wish)
    return answer(SlackConnection.of(begun, renderer_of(request).webhook(begun.installation) or ""), 201)


class ConnectQuery(Query):
    """Which installation is connected once more."""

    integration_id: str = Field(
        alias="integrationId", description="An installation that was connected by OAuth before.", max_length=64,
        examples=["intg_01kb0h6v3m8x2q4r5s6t7v8w9x"],
    )  # fmt: skip


@router.get(
    "/connect",
    Operation(
        id="connectSlackAppAgain",
        summary="Connect a Slack app by OAuth again",
        answer=SlackConnection,
        query=ConnectQuery,
        errors=(400, 401, 403, 404, 500),
    ),
)
async def connect_again(request: Request) -> Response:
    """The address of Slack's page for an installation whose client id and secret are here already."""
    query, hub = query_of(request, ConnectQuery), hub_of(request)
    begun = await hub.slack_authorisation.again(caller_of(request), query.integration_id)
    return answer(SlackConnection.of(begun, renderer_of(request).webhook(begun.installation) or ""))
