"""Credential fields have names, patterns and a secret among them."""

import re
from collections.abc import Iterator

from moorings.domain.integration import Integration
from moorings.errors import Detail


def fields(integration: Integration) -> Iterator[Detail]:
    """Doubled fields, bad patterns, and no secret at all."""
    seen: set[str] = set()
    for field in integration.fields:
        if field.name in seen:
            yield Detail(f"fields.{field.name}", "the field is declared twice")
        seen.add(field.name)
        if field.pattern is not None and (problem := _pattern_problem(field.pattern, field.example)):
            yield Detail(f"fields.{field.name}", problem)
    for name in integration.revoke.ends:
        if name not in seen:
            yield Detail("revoke.ends", f"there is no field {name}")
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
