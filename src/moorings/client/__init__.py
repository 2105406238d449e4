"""A typed client for the whole API: `Moorings` answers at once, `AsyncMoorings` is awaited."""

from moorings.client import exports

__all__ = exports.NAMES  # noqa: PLE0605 - what a star brings; the stub names it for type checkers
__getattr__ = exports.exported
