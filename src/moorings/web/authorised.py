"""The page on which a person ends who has let an app in at its provider; it says what came of it, and nothing secret.

The address bears a code and a state, each good once. The page loads nothing from elsewhere, tells nobody where it was
reached from, and this server logs no queries.
"""

from collections.abc import Sequence
from html import escape
from string import Template

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from moorings.domain.secret import Secret
from moorings.errors import InvalidRequest, MooringsError
from moorings.services.hub import Hub
from moorings.services.slack import SlackInstalled
from moorings.web.connect import HEADERS, asset_text


def routes(hub: Hub) -> Sequence[BaseRoute]:
    """The page for each provider that leads back."""

    async def slack(request: Request) -> Response:
        try:
            return _page("Slack is connected", _story(await _ended(hub, request)))
        except MooringsError as error:
            return _page("Slack is not connected", error.message, error.status)

    return [Route("/hooks/slack/oauth/callback", slack, methods=["GET"])]


async def _ended(hub: Hub, request: Request) -> SlackInstalled:
    state, code = request.query_params.get("state", ""), request.query_params.get("code")
    if not state:
        raise InvalidRequest("This is where Slack leads back to; there is nothing to see without it.")
    if not code:
        await hub.slack_authorisation.abandon(state)
        raise InvalidRequest("Slack was told not to let the app in; begin again if that was not meant.")
    return await hub.slack_authorisation.finish(state, Secret(code))


def _story(installed: SlackInstalled) -> str:
    team = installed.bot.team_name or installed.bot.team_id
    return f"{installed.installation.name} is connected to the workspace {team} as {installed.installation.id}."


def _page(title: str, text: str, status: int = 200) -> Response:
    content = Template(asset_text("authorised.html")).substitute(title=escape(title), text=escape(text))
    return Response(content, status, media_type="text/html", headers=HEADERS)
