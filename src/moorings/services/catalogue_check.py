"""Looks over manifests without a network: what is wrong with them, what they lack, and what their requests become."""

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_plus, urlsplit

from moorings.catalog.checks.sources import sources
from moorings.catalog.manifest import FILE, load
from moorings.domain.example import fewest
from moorings.domain.integration import Field, Integration
from moorings.domain.secret import Secret
from moorings.domain.tool import Tool
from moorings.errors import Detail, ManifestError, MooringsError
from moorings.providers.request import PreparedRequest, build, declared

FEWEST_TOOLS = 3
"""An integration that offers less is not complete."""

_ISSUED = Secret("recognisableissuedword")
_SAVED = "{fields."


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one folder; `integration` is None where its manifest is not good, `lacks` is empty if complete."""

    folder: str
    integration: Integration | None
    problems: tuple[Detail, ...]
    lacks: tuple[str, ...] = ()


def check_folder(parent: Path) -> list[Checked]:
    """Every folder with a manifest below this one, in the order of their names."""
    return [_checked(manifest.parent) for manifest in sorted(parent.glob(f"*/{FILE}"))]


def lacking(integration: Integration) -> Iterator[str]:
    """What a complete integration has and this one has not."""
    has = {
        "fields": bool(integration.fields),
        "hosts": bool(integration.hosts),
        "a verification": integration.verify is not None,
        "a statement on revoking": bool(integration.revoke.how),
        f"{FEWEST_TOOLS} tools": len(integration.tools) >= FEWEST_TOOLS,
        "a source and date for each tool": all(tool.source and tool.source_date for tool in integration.tools),
    }
    return (name for name, there in has.items() if not there)


def request_problems(integration: Integration) -> Iterator[Detail]:
    """What is wrong with the requests that the tools become when they are given the fewest parameters."""
    for tool in integration.tools:
        yield from (Detail(f"tools.{tool.id}", problem) for problem in _tool_problems(integration, tool))


def _checked(folder: Path) -> Checked:
    try:
        integration = load(folder)
    except ManifestError as error:
        return Checked(folder.name, None, tuple(error.details) or (Detail(FILE, error.message),))
    except OSError as error:
        return Checked(folder.name, None, (Detail(FILE, f"it cannot be read: {error.strerror}"),))
    problems = (*sources(integration), *request_problems(integration))
    return Checked(folder.name, integration, problems, tuple(lacking(integration)))


def _tool_problems(integration: Integration, tool: Tool) -> Iterator[str]:
    fields = {field.name: Secret(_value(integration, field)) for field in integration.fields}
    token = _ISSUED if integration.auth.token else None
    try:
        request = build(integration, tool.request, fields, fewest(tool.parameters), token=token)
    except (MooringsError, ValueError, TypeError, LookupError, AttributeError) as error:
        yield f"its request cannot be written: {error}"
        return
    yield from _address_problems(integration, request)
    yield from _secret_problems(integration, tool, request)


def _value(integration: Integration, field: Field) -> str:
    """A word that can be found again where it is secret, and one that fits an address where it is not."""
    if field.secret:
        return _marked(field)
    return field.example or ("https://example.com" if _SAVED + field.name in integration.base_url else "example")


def _marked(field: Field) -> str:
    return f"recognisable{field.name.lower()}word"


def _address_problems(integration: Integration, request: PreparedRequest) -> Iterator[str]:
    address = urlsplit(request.url)
    saved = any(host.startswith(_SAVED) for host in integration.hosts)
    if address.scheme != "https":
        yield "its request would travel without encryption"
    if not saved and not declared(address.hostname or "", integration.hosts):
        yield "its request would go to a host that is not declared"


def _secret_problems(integration: Integration, tool: Tool, request: PreparedRequest) -> Iterator[str]:
    marks = [_marked(field) for field in integration.fields if field.secret] + [_ISSUED.reveal()]
    address = urlsplit(request.url)
    if _found(marks, unquote_plus(address.query)):
        yield "a secret would stand in the query"
    in_path = integration.auth.in_path or tool.request.in_path
    if not in_path and _found(marks, unquote_plus(address.path)):
        yield "a secret would stand in the path"
    sent = " ".join([unquote_plus(request.url), *_shown(request.headers.values()), _text(request.body)])
    if tool.request.authenticated and integration.auth.type != "none" and not _found(marks, sent):
        yield "its request would carry no secret"


def _shown(headers: Iterable[str]) -> Iterator[str]:
    """Headers, and what HTTP Basic hides in them."""
    for value in headers:
        yield value
        if value.startswith("Basic "):
            try:
                yield base64.b64decode(value.removeprefix("Basic ")).decode()
            except (binascii.Error, UnicodeDecodeError):
                continue


def _text(body: bytes | None) -> str:
    return (body or b"").decode(errors="replace")


def _found(marks: Iterable[str], text: str) -> bool:
    return any(mark in text for mark in marks)
