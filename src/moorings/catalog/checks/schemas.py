"""What has the structure of a JSON Schema."""

from typing import Any

_NAMED = ("properties", "patternProperties", "$defs", "dependentSchemas")
_LISTED = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLE = ("items", "not", "if", "then", "else", "additionalProperties", "contains", "propertyNames")


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
