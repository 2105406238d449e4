"""A typed client for the whole API: `Moorings` answers at once, `AsyncMoorings` is awaited."""

from moorings.client import exports

__getattr__ = exports.exported
