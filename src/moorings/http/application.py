"""The web application: routes, errors, OpenAPI document, gate."""

import time
from collections.abc import Mapping, Sequence

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from moorings import __version__
from moorings.domain.caller import Network
from moorings.http import metrics, openapi, problems
from moorings.http.gate import NONE_MOUNTED, App, Gate
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
from moorings.http.straight import Straight
from moorings.services.hub import Hub

DESCRIPTION = """\
Moorings holds a team's connections to third parties: a catalogue of integrations, credentials per integration and
environment, and the tools they unlock. Every answer is JSON; every error has one shape and a request id.
"""


def create(
    hub: Hub,
    proxies: Sequence[Network] = (),
    pages: Sequence[BaseRoute] = (),
    mounted: Mapping[str, App] = NONE_MOUNTED,
    metered: Sequence[Network] = (),
) -> App:
    """The ASGI application over the services; `metered` are the networks from which its metrics may be read.

    `pages` are routes beside the API, for people; `mounted` are other drivers, by the first part of their paths.
    """
    app = FastAPI(
        title="Moorings", version=__version__, summary="Integrations and credentials for AI agents.",
        description=DESCRIPTION, docs_url=None, redoc_url=None, openapi_url="/openapi.json",
        redirect_slashes=False, strict_content_type=True,
    )  # fmt: skip
    app.state.hub, app.state.renderer = hub, Renderer(hub.catalog, hub.public_url)
    # What stands below every integration comes before the calls of one, or a configuration called `tools` would be
    # sought; and static paths come before {integrationId}, or a catalogue entry called `tools` would answer for them.
    routers = (
        managing_bot.router, slack.router, managed_bots.router, telegram.router, credentials.router, tools.router,
        execution.router, vectorize.router, weaviate.router, events.router, forwarding.router,
        environments.router, integrations.router,
        api_keys.router, audit_events.router, health.router, hooks.router,
    )  # fmt: skip
    for router in routers:
        app.include_router(router)
    counting = metrics.Metrics(time.monotonic)
    app.router.routes.extend([*pages, metrics.route(counting, metered)])
    problems.register(app, hub.denials, [*app.routes, *(route for router in routers for route in router.routes)])
    openapi.install(app)
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    return Gate(app, hub, proxies, Straight(routes), mounted, counting)
