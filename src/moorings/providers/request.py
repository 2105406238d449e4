"""Builds a provider's request from a declared form, and lets no secret go to a host that was not declared."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from moorings.domain.integration import Integration
from moorings.domain.request_form import RequestForm
from moorings.domain.secret import Secret, SecretFields
from moorings.errors import InvalidRequest
from moorings.providers import bodies, templates
from moorings.providers.templates import FIELDS, Absent, Values, filled, text

TOKEN = "auth.token"  # noqa: S105 - a template's name
_SAVED = "{fields."
_ADDRESS = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request ready to be sent; it holds the secret in the open and therefore does not print.

    `trusted` means that its address is the operator's word: it may lie in our own network, and without TLS. `waits`
    means that its provider answers only when something happens: it holds a connection that nobody else could use.
    """

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    hosts: frozenset[str] = frozenset()
    trusted: bool = False
    waits: bool = False


def build(
    integration: Integration, form: RequestForm, fields: SecretFields, parameters: Values | None = None,
    upstream: str | None = None, token: Secret | None = None, basic: tuple[str, str] | None = None,
) -> PreparedRequest:  # fmt: skip
    """The request of a form for these credential fields and parameters.

    `upstream` replaces the integration's base address and with it the declared hosts: it is the operator's word.
    `token` is what the credentials were exchanged for, `basic` stands in place of the integration's own auth.
    Raises `InvalidRequest` when a value would leave its place (a path segment `..`, a line break in a header) or cannot
    be written, or the host is not a declared one.
    """
    values = _values(fields, parameters or {}, token)
    try:
        return _written(integration, form, values, upstream, basic)
    except UnicodeEncodeError:
        raise InvalidRequest("A value holds half of a character, which no request can carry.") from None


def _written(
    integration: Integration, form: RequestForm, values: Values, upstream: str | None, basic: tuple[str, str] | None
) -> PreparedRequest:
    base, hosts = _base(integration, form, values, upstream)
    content, content_type = bodies.body(form, values)
    headers = dict(_headers(integration, form, values, basic))
    if content_type and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = content_type
    url = base + templates.path(form.path, values) + bodies.query(form, values)
    return PreparedRequest(form.method, url, headers, content, hosts, trusted=upstream is not None)


def declared(host: str, hosts: frozenset[str]) -> bool:
    """Whether a host is one of these; `*.example.com` covers every name below it."""
    return host in hosts or any(entry.startswith("*.") and host.endswith(entry[1:]) for entry in hosts)


def _values(fields: SecretFields, parameters: Values, token: Secret | None) -> dict[str, object]:
    """What templates stand for; null is as good as absent only for credential fields, which have none."""
    own = {FIELDS + name: secret.reveal() for name, secret in fields.items()}
    return {**parameters, **own, **({TOKEN: token.reveal()} if token else {})}


def _base(
    integration: Integration, form: RequestForm, values: Values, upstream: str | None
) -> tuple[str, frozenset[str]]:
    """The base address and the hosts it may name; another address of the integration lies below `/@host` upstream."""
    address = templates.address(form.base_url or _regional(integration, values), values).rstrip("/")
    if not form.base_url and upstream:
        address = upstream.rstrip("/")
        return address, frozenset({_split(address).hostname or ""})
    hosts = _hosts(integration, address)
    parts = _split(address)
    if parts.username is not None or "?" in address or "#" in address or not declared(parts.hostname or "", hosts):
        raise InvalidRequest(f"The request's address is not one that {integration.name} declares.")
    if upstream:
        address = f"{upstream.rstrip('/')}/@{parts.hostname}{parts.path}"
        hosts = frozenset({_split(address).hostname or ""})
    return address, hosts


def _regional(integration: Integration, values: Values) -> str:
    regions = integration.regions
    value = values.get(FIELDS + regions.field) if regions else None
    return regions.base_urls.get(str(value), integration.base_url) if regions else integration.base_url


def _hosts(integration: Integration, address: str) -> frozenset[str]:
    """The declared hosts; an address that is saved with the credentials is the only one these may travel to."""
    if any(host.startswith(_SAVED) for host in integration.hosts):
        return frozenset({_split(address).hostname or ""})
    return integration.hosts


def _split(address: str) -> SplitResult:
    if not _ADDRESS.fullmatch(address):
        raise InvalidRequest("The request's address is not a URL; write an international name in ASCII (xn--...).")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise InvalidRequest("The request's address is not a URL.") from None
    return parts


def _headers(
    integration: Integration, form: RequestForm, values: Values, basic: tuple[str, str] | None
) -> Iterator[tuple[str, str]]:
    auth = integration.auth
    own = [*integration.headers.items(), *form.headers.items()]
    if form.authenticated and basic is None:
        own += auth.headers.items()
    for name, template in own:
        value = filled(template, values)
        if not isinstance(value, Absent):
            yield name, bodies.header(name, value)
    pair = basic or (auth.basic if form.authenticated else None)
    if pair:
        parts = [filled(part, values) for part in pair]
        plain = ":".join("" if isinstance(part, Absent) else text(part) for part in parts)
        yield "Authorization", "Basic " + base64.b64encode(plain.encode()).decode()
