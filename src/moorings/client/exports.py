"""What `moorings.client` offers beside its modules; `__init__.pyi` tells type checkers the same."""

from importlib import import_module
from typing import Any

PLACES = {
    "client": ("AsyncMoorings", "Moorings"),
    "errors": (
        "ClientError", "Conflict", "Detail", "Forbidden", "InvalidCall", "NotFound", "NotSent", "NotUnderstood",
        "ProviderFailed", "Refused", "ServerFailed", "TooManyCalls", "Unauthenticated", "Unreachable",
    ),
    "retries": ("Retries",),
}  # fmt: skip

NAMES = [name for names in PLACES.values() for name in names]


def exported(name: str) -> Any:
    """Imported when it is first asked for: the command line wants the errors alone, and quickly."""
    for module, names in PLACES.items():
        if name in names:
            return getattr(import_module(f"moorings.client.{module}"), name)
    raise AttributeError(f"module 'moorings.client' has no attribute {name!r}")
