"""Every JMESPath can be read."""

from collections.abc import Iterator

import jmespath
from jmespath.exceptions import JMESPathError

from moorings.domain.integration import Integration
from moorings.errors import Detail


def expressions(integration: Integration) -> Iterator[Detail]:
    """Expressions that cannot be read, and a verification that has nothing to ask."""
    if integration.verify and integration.verify.request is None and integration.auth.token is None:
        yield Detail("verify", "there is neither a request nor an exchange for a token that could prove a credential")
    if integration.verify:
        form = integration.verify
        paths = {"expect": form.expect, "account_id": form.account_id, "account_label": form.account_label}
        paths |= {"error": form.error, **{f"rules.{place}.at": rule.at for place, rule in enumerate(form.rules)}}
        yield from (Detail("verify", f"{name} is no JMESPath") for name, path in paths.items() if not _readable(path))
    if token := integration.auth.token:
        paths = {"token": token.token, "expires_in": token.expires_in, "error": token.error}
        yield from (Detail("auth", f"{name} is no JMESPath") for name, path in paths.items() if not _readable(path))
    paths = {"confirmed": integration.revoke.confirmed, "gone": integration.revoke.gone}
    yield from (Detail("revoke", f"{name} is no JMESPath") for name, path in paths.items() if not _readable(path))
    if not _readable(integration.failed):
        yield Detail("failed", "it is no JMESPath")
    for tool in integration.tools:
        if not _readable(tool.result):
            yield Detail(f"tools.{tool.id}", "its result is no JMESPath")
        if tool.pages and not _readable(tool.pages.next):
            yield Detail(f"tools.{tool.id}", "the next page's place is no JMESPath")


def _readable(expression: str | None) -> bool:
    try:
        return expression is None or bool(jmespath.compile(expression))
    except JMESPathError:
        return False
