"""How a credential is proved at the provider."""

from moorings.catalog.schema.part import Part, Sentence, Statuses
from moorings.catalog.schema.request import RequestPart
from moorings.domain.request_form import Outcome, Rule, VerifyForm


class RulePart(Part):
    """How to read an answer whose status would mislead."""

    outcome: Outcome
    status: Statuses = frozenset()
    at: str | None = None
    equals: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    note: str | None = None

    def rule(self) -> Rule:
        """The same as a value of the domain."""
        return Rule(**self.values())


class VerifyPart(Part):
    """The request that proves a credential."""

    request: RequestPart | None = None
    ok: Statuses = frozenset({200})
    rejected: Statuses
    unavailable: Statuses
    expect: str
    rules: tuple[RulePart, ...] = ()
    account_id: str | None = None
    account_label: str | None = None
    error: str | None = None
    source: Sentence

    def form(self) -> VerifyForm:
        """The same as a value of the domain."""
        return VerifyForm(
            self.request.form() if self.request else None, self.ok, self.rejected, self.unavailable, self.expect,
            tuple(part.rule() for part in self.rules), self.account_id, self.account_label, self.error,
        )  # fmt: skip
