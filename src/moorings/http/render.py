"""Makes the answers about the catalogue from parts that were written once at start.

These are the calls that dashboards and agents make all day. What never changes of an integration is kept as bytes;
only what the owner holds is written anew, and that only when it changed (`OwnerState.rendered`).
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from moorings.catalog.catalog import Catalog
from moorings.catalog.logo import letter_mark
from moorings.domain.credential import Account
from moorings.domain.installation import Installation
from moorings.domain.integration import AuthType, Integration
from moorings.domain.moment import iso
from moorings.domain.tool import Tool
from moorings.services.integrations import IntegrationView, StatusView
from moorings.services.tools import ConfiguredTool


class Renderer:
    """Writes the catalogue's JSON; `public_url` is the address that webhook addresses begin with."""

    def __init__(self, catalog: Catalog, public_url: str) -> None:
        self._public_url = public_url.rstrip("/")
        self._with_webhook = frozenset(entry.id for entry in catalog if entry.webhook)
        self._heads = {entry.id: _opened(_head(entry)) for entry in catalog}
        self._tails = {entry.id: _inner(_tail(entry)) for entry in catalog}
        self._fields = {entry.id: _bytes(_fields(entry)) for entry in catalog}
        self._tools = {tool.name: _bytes(tool_json(tool)) for entry in catalog for tool in entry.tools}

    def integration(self, view: IntegrationView) -> bytes:
        """One `Integration`."""
        return self._integration(view) + b"}"

    def details(self, view: IntegrationView) -> bytes:
        """One `Integration` with its fields and tools."""
        entry = view.integration
        tools = b",".join([self._tools[tool.name] for tool in entry.tools])
        return b"".join(
            (self._integration(view), b',"credentialFields":', self._fields[entry.id], b',"tools":[', tools, b"]}")
        )

    def details_with(self, view: IntegrationView, more: bytes) -> bytes:
        """The details together with the members of another object; one address stands for both in the contract."""
        return self.details(view)[:-1] + b"," + more[1:]

    def tool(self, tool: Tool) -> bytes:
        """One `Tool`."""
        return self._tools[tool.name]

    def tools(self, integration_id: str, tools: tuple[Tool, ...]) -> bytes:
        """The tools of one integration, or installation."""
        return _list(_opened({"integrationId": integration_id}), b"tools", [self._tools[tool.name] for tool in tools])

    def configured_tools(self, tools: Iterable[ConfiguredTool]) -> bytes:
        """The tools that can be run."""
        rows = [
            self._tools[item.tool.name][:-1]
            + b","
            + _inner({"environment": item.environment, "source": item.source})
            + b"}"
            for item in tools
        ]
        return _list(b"{", b"tools", rows)

    def integrations(self, views: Iterable[IntegrationView]) -> bytes:
        """A list of `Integration`."""
        return _list(b"{", b"data", [self.integration(view) for view in views])

    def category(self, category: str, views: Iterable[IntegrationView]) -> bytes:
        """The integrations of one category."""
        return _list(_opened({"category": category}), b"integrations", [self.integration(view) for view in views])

    def installation(self, installation: Installation) -> dict[str, Any]:
        """One `Installation`."""
        return {
            "id": installation.id,
            "type": installation.type,
            "name": installation.name,
            "status": installation.status,
            "environment": installation.environment,
            "account": account_json(installation.account),
            "webhookUrl": self.webhook(installation),
            "forwardUrl": installation.forward_url,
            "createdAt": iso(installation.created_at),
            "updatedAt": iso(installation.updated_at),
            "verifiedAt": _time(installation.verified_at),
            "expiresAt": _time(installation.expires_at),
            "problem": installation.problem or installation.forward_problem,
        }

    def webhook(self, installation: Installation) -> str | None:
        """Where the provider sends an installation's events; None for a provider that sends none."""
        if installation.type not in self._with_webhook:
            return None
        return f"{self._public_url}/hooks/{installation.type}/{installation.id}"

    def json(self, value: dict[str, Any]) -> bytes:
        """Any JSON object, as compact as the others."""
        return _bytes(value)

    def _integration(self, view: IntegrationView) -> bytes:
        state = {"status": view.standing, "configured": view.configured, "environments": view.environments}
        installations = [self.installation(item) for item in view.installations]
        entry = view.integration.id
        return b",".join(
            (self._heads[entry], _inner(state), self._tails[entry], _inner({"installations": installations}))
        )


def statuses(views: Iterable[StatusView]) -> bytes:
    """The credential status of every connection."""
    return _bytes({"data": [_status(view) for view in views]})


def account_json(account: Account | None) -> dict[str, str | None] | None:
    """What the provider says we are."""
    return None if account is None else {"id": account.id, "label": account.label}


def tool_json(tool: Tool) -> dict[str, Any]:
    """One `Tool`."""
    return {
        "id": tool.id,
        "name": tool.name,
        "integrationId": tool.integration_id,
        "title": tool.title,
        "description": tool.description,
        "parametersSchema": tool.parameters,
        "outputSchema": tool.output,
        "readOnly": tool.read_only,
        "destructive": tool.destructive,
    }


def _status(view: StatusView) -> dict[str, Any]:
    entry = view.entry
    updated = iso(entry.updated_at) if entry else None
    previews = entry.previews if entry else {}
    return {
        "integrationId": view.id,
        "configured": view.configured,
        "environment": view.asked,
        "source": view.source,
        "environments": view.environments,
        "fields": {name: {"preview": preview, "updatedAt": updated} for name, preview in previews.items()},
        "status": entry.status if entry else None,
        "verifiedAt": _time(entry.verified_at) if entry else None,
        "lastUsedAt": _time(entry.last_used_at) if entry else None,
        "expiresAt": _time(entry.expires_at) if entry else None,
        "reason": entry.reason if entry else None,
        "revoking": [
            {
                "integrationId": item.integration_id,
                "environment": item.environment,
                "since": iso(item.since),
                "problem": item.problem,
            }
            for item in view.revoking
        ],
    }


def _head(entry: Integration) -> dict[str, Any]:
    # The API knows no `bearer`: how the key is shown to the provider is the manifest's matter, not the caller's.
    kind = AuthType.API_KEY if entry.auth.type is AuthType.BEARER else entry.auth.type
    head = {"id": entry.id, "name": entry.name, "description": entry.description, "category": entry.category}
    return {**head, "authType": kind}


def _tail(entry: Integration) -> dict[str, Any]:
    logo = entry.logo_url or letter_mark(entry.id, entry.name)
    return {"toolCount": len(entry.tools), "documentationUrl": entry.documentation_url, "logoUrl": logo}


def _fields(entry: Integration) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name, "label": field.label, "description": field.description, "secret": field.secret,
            "required": field.required, "pattern": field.pattern, "example": field.example, "helpUrl": field.help_url,
        }
        for field in entry.fields
    ]  # fmt: skip


def _list(opened: bytes, name: bytes, rows: list[bytes]) -> bytes:
    comma = b"" if opened == b"{" else b","
    return b"".join((opened, comma, b'"', name, b'":[', b",".join(rows), b'],"total":', str(len(rows)).encode(), b"}"))


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _opened(value: dict[str, Any]) -> bytes:
    """An object without its closing brace."""
    return _bytes(value)[:-1]


def _inner(value: dict[str, Any]) -> bytes:
    """An object without its braces."""
    return _bytes(value)[1:-1]


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
