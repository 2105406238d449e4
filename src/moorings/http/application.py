"""The web application: routes, errors, OpenAPI document, gate."""

import time
from collections.abc import Collection, Mapping, Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from moorings.asgi import App
from moorings.domain.caller import Network
from moorings.http import metrics, openapi, problems
from moorings.http.gate import NONE_MOUNTED, Gate
from moorings.http.render import Renderer
from moorings.http.routes import (
    api_keys,
    audit_events,
    credentials,
    environments,
    events,
    execution,
    forwarding,
    health,
    hooks,
    integrations,
    managed_bots,
    managing_bot,
    slack,
    telegram,
    tools,
    vectorize,
    weaviate,
)
from moorings.http.routing import Call
from moorings.http.sharing import Sharing
from moorings.http.straight import Straight
from moorings.services.hub import Hub

# What stands below every integration comes before the calls of one, or a configuration called `tools` would be sought;
# and static paths come before {integrationId}, or a catalogue entry called `tools` would answer for them.
_ROUTERS = (
    managing_bot.router, slack.router, managed_bots.router, telegram.router, credentials.router, tools.router,
    execution.router, vectorize.router, weaviate.router, events.router, forwarding.router,
    environments.router, integrations.router,
    api_keys.router, audit_events.router, health.router, hooks.router,
)  # fmt: skip
CALLS: Sequence[Call] = [call for router in _ROUTERS for call in router.calls]
"""Every call of the API, in the order in which they are looked for."""


def create(
    hub: Hub,
    proxies: Sequence[Network] = (),
    pages: Sequence[BaseRoute] = (),
    mounted: Mapping[str, App] = NONE_MOUNTED,
    metered: Sequence[Network] = (),
    origins: Collection[str] = (),
) -> App:
    """The ASGI application over the services; `metered` are the networks from which its metrics may be read.

    `pages` are routes beside the API, for people; `mounted` are other drivers, by the first part of their paths;
    `origins` are those of web pages that may call the API.
    """
    counting = metrics.Metrics(time.monotonic, hub.shares)
    app = Starlette(routes=[openapi.route(CALLS), *CALLS, *pages, metrics.route(counting, metered)])
    app.router.redirect_slashes = False
    app.state.hub, app.state.renderer = hub, Renderer(hub.catalog, hub.public_url)
    problems.register(app, hub.denials)
    sharing = Sharing(origins) if origins else None
    return Gate(app, hub, proxies, Straight(CALLS), mounted, counting, sharing=sharing)
