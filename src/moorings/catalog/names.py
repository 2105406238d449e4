"""Names that no integration may bear."""

RESERVED = frozenset({"tools", "credentials", "category", "diff"})
"""Words of the API's paths."""
