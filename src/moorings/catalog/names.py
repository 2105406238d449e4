"""Names that no integration may bear."""

RESERVED = frozenset({"tools", "credentials", "category"})
"""Words of the API's paths."""
