"""The page on which a person enters credentials, so that no secret passes through a model that asked for them.

It shows what the integration's manifest says, one of the operator's own included, and nothing of what is held here. The
person's own key goes with the call that the page makes, the same call that any program makes; the server keeps neither
in a session.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from html import escape
from importlib import resources
from string import Template

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from moorings.catalog.logo import letter_mark
from moorings.domain.ids import INSTALLATION, is_id
from moorings.domain.integration import Field, Integration
from moorings.errors import IntegrationNotFound, InvalidEnvironment
from moorings.services.hub import Hub

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
ASSETS = {"connect.js": "text/javascript", "connect.css": "text/css"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src https: data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def routes(hub: Hub) -> Sequence[BaseRoute]:
    """The page for each integration, and what it loads."""

    async def page(request: Request) -> Response:
        entry = hub.catalog.get(request.path_params["integration_id"])
        environment = _named(request.query_params.get("environment") or None)
        place = request.query_params.get("installation") or entry.id
        if place != entry.id and not is_id(place, INSTALLATION):
            raise IntegrationNotFound("There is no installation of this id; GET /v1/integrations lists them.")
        return Response(_page(entry, place, environment), media_type="text/html", headers=HEADERS)

    return [
        *(Route(f"/connect/{name}", _asset(name), methods=["GET"]) for name in ASSETS),
        Route("/connect/{integration_id}", page, methods=["GET"]),
    ]


def _asset(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def asset(_: Request) -> Response:
        return Response(asset_text(name), media_type=ASSETS[name], headers=HEADERS)

    return asset


@cache
def asset_text(name: str) -> str:
    """A file that pages are made of."""
    return (resources.files("moorings.web") / "assets" / name).read_text(encoding="utf-8")


def _named(environment: str | None) -> str | None:
    """What can be an environment's name; whether it is one here is told to nobody without a key."""
    if environment is not None and not NAME.fullmatch(environment):
        raise InvalidEnvironment("This is no name of an environment.")
    return environment


def _page(entry: Integration, place: str, environment: str | None) -> str:
    return Template(asset_text("connect.html")).substitute(
        id=escape(place),
        name=escape(entry.name),
        description=escape(entry.description),
        logo=escape(entry.logo_url or letter_mark(entry.id, entry.name)),
        documentation=escape(entry.documentation_url),
        hosts=escape(", ".join(_host(host) for host in sorted(entry.hosts))),
        fields=_own_call(entry) if entry.installed_by else "".join(_field(field) for field in entry.fields),
        environments=_options(environment),
        disabled="disabled" if entry.installed_by else "",
    )


def _host(declared: str) -> str:
    return "the address you enter here" if declared.startswith("{") else declared


def _own_call(entry: Integration) -> str:
    text = f"{entry.name} is connected by a call of its own, {entry.installed_by}, not on this page."
    return f'<p class="notice">{escape(text)}</p>'


def _options(chosen: str | None) -> str:
    """The environment of the link, and all of them; the others are named to nobody who has no key."""
    names = [("", "All environments"), *([(chosen, chosen)] if chosen else [])]
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == (chosen or "") else ""}>{escape(label)}</option>'
        for value, label in names
    )


def _field(field: Field) -> str:
    kind = "password" if field.secret else "text"
    wanted = " required" if field.required else ""
    example = f' placeholder="{escape(field.example)}"' if field.example and not field.secret else ""
    name = escape(field.name)
    control = (
        f'<textarea id="{name}" name="{name}" rows="6" spellcheck="false" autocomplete="off"{wanted}></textarea>'
        if "\n" in (field.example or "")
        else f'<input id="{name}" name="{name}" type="{kind}" autocomplete="off" spellcheck="false"{wanted}{example}>'
    )
    mark = "" if field.required else ' <span class="optional">optional</span>'
    return (
        f'<div class="field"><label for="{name}">{escape(field.label)}{mark}</label>{control}'
        f'<p class="note">{escape(field.description)}{_help(field)}</p></div>'
    )


def _help(field: Field) -> str:
    if not field.help_url:
        return ""
    return f' <a href="{escape(field.help_url)}" rel="noreferrer noopener" target="_blank">Where to get it</a>'
