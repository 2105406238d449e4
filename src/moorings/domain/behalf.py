"""For which owner a task asks providers, so that the calls of one can be told from those of another.

It is said once, where the caller becomes known, and goes with the task: an adapter is told the fields of a credential
and no owner. What the server does by itself, it does for nobody.
"""

from contextvars import ContextVar

OWNER: ContextVar[str | None] = ContextVar("owner", default=None)
