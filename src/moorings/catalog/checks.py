"""What a manifest must hold true beyond its schema; one small check per concern."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import jmespath
from jmespath.exceptions import JMESPathError

from moorings.catalog.names import RESERVED
from moorings.domain.integration import Integration
from moorings.domain.request_form import RequestForm, Turning
from moorings.domain.tool import MAX_PAGES, Tool
from moorings.errors import Detail

_NAMES = r"([A-Za-z_][A-Za-z0-9_.-]*(?:\|[A-Za-z_][A-Za-z0-9_.-]*)*)"
TEMPLATE = re.compile(rf"\{{\+?{_NAMES}\}}")
_WHOLE = re.compile(rf"^\{{{_NAMES}\}}$")
_TOOL_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
_FIELDS = "fields."
_TOKEN = "auth.token"  # noqa: S105 - a template's name
_NAMED = ("properties", "patternProperties", "$defs", "dependentSchemas")
_LISTED = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLE = ("items", "not", "if", "then", "else", "additionalProperties", "contains", "propertyNames")


def problems_of(integration: Integration, folder: str) -> Iterator[Detail]:
    """Everything that is wrong, in the order of the manifest."""
    yield from _identity(integration, folder)
    yield from _hosts(integration)
    yield from _fields(integration)
    yield from _secrets_stay_in_their_place(integration)
    yield from _templates(integration)
    yield from _expressions(integration)
    yield from _tools(integration)


def names_in(part: Any) -> Iterator[str]:
    """Every template name in a path, header or query value, or in a body at any depth."""
    if isinstance(part, str):
        yield from (name for names in TEMPLATE.findall(part) for name in names.split("|"))
    elif isinstance(part, dict):
        for value in part.values():
            yield from names_in(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from names_in(value)


def names_in_body(part: Any) -> Iterator[str]:
    """Template names of a body, where only a string that is wholly one template counts."""
    if isinstance(part, str):
        yield from (name for names in _WHOLE.findall(part) for name in names.split("|"))
    elif isinstance(part, dict):
        for value in part.values():
            yield from names_in_body(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from names_in_body(value)


def _identity(integration: Integration, folder: str) -> Iterator[Detail]:
    if integration.id != folder:
        yield Detail("id", f"the id is {integration.id} but the folder is called {folder}")
    if integration.id in RESERVED:
        yield Detail("id", f"{integration.id} is a word of the API's paths")


def _hosts(integration: Integration) -> Iterator[Detail]:
    for place, address in _addresses(integration):
        host = urlsplit(address).hostname or ""
        if not TEMPLATE.search(address) and not _covered(host, integration.hosts):
            yield Detail(place, f"its host {host} is not among the declared hosts")
    saved = TEMPLATE.fullmatch(integration.base_url) is not None
    for declared in integration.hosts:
        if TEMPLATE.search(declared):
            if not saved or declared != integration.base_url:
                yield Detail("hosts", f"{declared}: a host is a template only where it is the whole base address")
        elif "/" in declared or ":" in declared:
            yield Detail("hosts", f"{declared} is an address; a host's bare name is wanted")
    if integration.regions and integration.regions.field not in {field.name for field in integration.fields}:
        yield Detail("regions", f"{integration.regions.field} is no field")


def _addresses(integration: Integration) -> Iterator[tuple[str, str]]:
    yield "base_url", integration.base_url
    yield from (("regions", url) for url in (integration.regions.base_urls.values() if integration.regions else ()))
    yield from ((place, request.base_url) for place, request in _requests(integration) if request.base_url)


def _covered(host: str, hosts: Iterable[str]) -> bool:
    return any(host == entry or (entry.startswith("*.") and host.endswith(entry[1:])) for entry in hosts)


def _fields(integration: Integration) -> Iterator[Detail]:
    seen: set[str] = set()
    for field in integration.fields:
        if field.name in seen:
            yield Detail(f"fields.{field.name}", "the field is declared twice")
        seen.add(field.name)
        if field.pattern is not None and (problem := _pattern_problem(field.pattern, field.example)):
            yield Detail(f"fields.{field.name}", problem)
    if integration.auth.type != "none" and not any(field.secret for field in integration.fields):
        yield Detail("fields", "no field is secret")


def _pattern_problem(pattern: str, example: str | None) -> str | None:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        return f"the pattern is not a regular expression: {error}"
    if example is not None and not compiled.search(example):
        return "the example does not match the pattern"
    return None


def _secrets_stay_in_their_place(integration: Integration) -> Iterator[Detail]:
    """A secret belongs into the auth part; a path only where `in_path` says so, a query never."""
    secret = {f"{_FIELDS}{field.name}" for field in integration.fields if field.secret}
    if not secret.isdisjoint(names_in(integration.base_url)):
        yield Detail("base_url", "a secret stands in the host")
    if not secret.isdisjoint(names_in(dict(integration.headers))):
        yield Detail("headers", "a secret stands outside the auth part")
    for place, request in _requests(integration):
        if not secret.isdisjoint(names_in(dict(request.query))):
            yield Detail(place, "a secret stands in the query, where logs and caches keep it")
        if not secret.isdisjoint(names_in(request.base_url or "")):
            yield Detail(place, "a secret stands in the host")
        allowed = integration.auth.in_path or request.in_path
        if not allowed and not secret.isdisjoint(names_in(request.path)):
            yield Detail(place, "a secret stands in the path; say in_path if the provider leaves no choice")


def _templates(integration: Integration) -> Iterator[Detail]:
    known = {f"{_FIELDS}{field.name}" for field in integration.fields}
    if integration.auth.token:
        known.add(_TOKEN)
    for place, request in _requests(integration):
        unknown = {name for name in _names(request) if name.startswith((_FIELDS, _TOKEN))} - known
        yield from (Detail(place, f"the template {{{name}}} names no field") for name in sorted(unknown))
    everywhere = (
        integration.base_url,
        dict(integration.auth.headers),
        integration.auth.basic or (),
        (integration.auth.token.basic if integration.auth.token else None) or (),
        dict(integration.headers),
    )
    unknown = set(names_in(everywhere)) - known
    yield from (Detail("auth", f"the template {{{name}}} names no field") for name in sorted(unknown))


def _expressions(integration: Integration) -> Iterator[Detail]:
    """Every JMESPath can be read."""
    if integration.verify and integration.verify.request is None and integration.auth.token is None:
        yield Detail("verify", "there is neither a request nor an exchange for a token that could prove a credential")
    if integration.verify:
        form = integration.verify
        paths = {"expect": form.expect, "account_id": form.account_id, "account_label": form.account_label}
        paths |= {"error": form.error, **{f"rules.{place}.at": rule.at for place, rule in enumerate(form.rules)}}
        yield from (Detail("verify", f"{name} is no JMESPath") for name, path in paths.items() if not _readable(path))
    if token := integration.auth.token:
        paths = {"token": token.token, "expires_in": token.expires_in, "error": token.error}
        yield from (Detail("auth", f"{name} is no JMESPath") for name, path in paths.items() if not _readable(path))
    if not _readable(integration.failed):
        yield Detail("failed", "it is no JMESPath")
    for tool in integration.tools:
        if not _readable(tool.result):
            yield Detail(f"tools.{tool.id}", "its result is no JMESPath")
        if tool.pages and not _readable(tool.pages.next):
            yield Detail(f"tools.{tool.id}", "the next page's place is no JMESPath")


def _readable(expression: str | None) -> bool:
    try:
        return expression is None or bool(jmespath.compile(expression))
    except JMESPathError:
        return False


def _tools(integration: Integration) -> Iterator[Detail]:
    seen: set[str] = set()
    for tool in integration.tools:
        place = f"tools.{tool.id}"
        if tool.id in seen:
            yield Detail(place, "the tool is declared twice")
        seen.add(tool.id)
        if not _TOOL_NAME.match(tool.name):
            yield Detail(place, f"its full name {tool.name} is longer than 64 characters")
        if tool.read_only and tool.destructive:
            yield Detail(place, "a tool that only reads destroys nothing")
        if not is_schema(dict(tool.parameters)):
            yield Detail(place, "its parameters are no JSON Schema")
        else:
            yield from (Detail(place, problem) for problem in _parameter_problems(tool))


def _parameter_problems(tool: Tool) -> Iterator[str]:
    properties = tool.parameters.get("properties", {})
    used = {name for name in _names(tool.request) if not name.startswith((_FIELDS, _TOKEN))}
    if tool.pages:
        used.add(MAX_PAGES)
        yield from _page_problems(tool)
    if tool.parameters.get("type") != "object" or tool.parameters.get("additionalProperties") is not False:
        yield "its parameters must be an object with additionalProperties = false"
    yield from (f"the template {{{name}}} names no parameter" for name in sorted(used - set(properties)))
    yield from (f"the parameter {name} is used nowhere in the request" for name in sorted(set(properties) - used))
    required = set(tool.parameters.get("required", ()))
    yield from (f"{name} is required but not a parameter" for name in sorted(required - set(properties)))
    in_path = set(_alone_in(tool.request.base_url or "")) | set(_alone_in(tool.request.path))
    missing = (in_path & set(properties)) - required
    yield from (f"{name} stands in the address and must be required" for name in sorted(missing))
    yield from (f"the parameter {name} has no description" for name in _undescribed(properties))


def _alone_in(template: str) -> Iterator[str]:
    """Names that an address cannot do without: no alternative beside them, and not the rest of a path."""
    found = (match for match in TEMPLATE.finditer(template) if not match[0].startswith("{+"))
    return (match[1] for match in found if "|" not in match[1])


def _page_problems(tool: Tool) -> Iterator[str]:
    pages = tool.pages
    if pages is None:
        return
    if pages.turning is not Turning.LINK and pages.parameter not in tool.parameters.get("properties", {}):
        yield "its pages name no parameter that takes the cursor or number of the next one"
    if pages.turning is Turning.CURSOR and pages.next is None:
        yield "its pages do not say where the next cursor stands"


def is_schema(schema: Any) -> bool:
    """Whether it has the structure of a JSON Schema, at any depth; what the words mean is for others to check."""
    if isinstance(schema, bool):
        return True
    if not isinstance(schema, dict):
        return False
    named = [schema.get(word, {}) for word in _NAMED]
    listed = [schema.get(word, []) for word in _LISTED]
    if not all(isinstance(part, dict) for part in named) or not all(isinstance(part, list) for part in listed):
        return False
    inner = [part for group in named for part in group.values()] + [part for group in listed for part in group]
    return all(is_schema(part) for part in [*inner, *(schema[word] for word in _SINGLE if word in schema)])


def _undescribed(properties: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, schema in properties.items():
        if not schema.get("description"):
            yield above + name
        for inner in _parts(schema):
            yield from _undescribed(inner.get("properties", {}), f"{above}{name}.")


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema, the schemas of its items and of its alternatives, at any depth."""
    if isinstance(schema, dict):
        yield schema
        for inner in (schema.get("items"), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
            yield from _parts(inner)


def _requests(integration: Integration) -> Iterable[tuple[str, RequestForm]]:
    if integration.verify and integration.verify.request:
        yield "verify", integration.verify.request
    if integration.auth.token:
        yield "auth.token", integration.auth.token.request
    if integration.revoke.request:
        yield "revoke", integration.revoke.request
    for tool in integration.tools:
        yield f"tools.{tool.id}", tool.request


def _names(request: RequestForm) -> Iterator[str]:
    yield from names_in((request.base_url or "", request.path))
    yield from names_in((dict(request.query), dict(request.headers)))
    yield from names_in_body(request.body)
