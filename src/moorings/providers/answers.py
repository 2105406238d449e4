"""Finds what a manifest's JMESPath points at in a provider's answer."""

from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

_compiled = lru_cache(maxsize=4_096)(jmespath.compile)


def find(expression: str | None, body: Any) -> Any:
    """What a JMESPath finds, None if nothing; an answer of another shape than documented finds nothing."""
    if expression is None:
        return None
    try:
        return _compiled(expression).search(body)
    except JMESPathError:
        return None
