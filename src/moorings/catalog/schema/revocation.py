"""How a credential is revoked at the provider."""

from moorings.catalog.schema.part import Part, Sentence, Statuses, Url
from moorings.catalog.schema.request import RequestPart
from moorings.domain.request_form import Revocation


class RevokePart(Part):
    """How a credential is revoked at the provider."""

    supported: bool
    how: Sentence
    url: Url | None = None
    request: RequestPart | None = None
    ok: Statuses = frozenset()
    confirmed: str | None = None
    gone: str | None = None
    ends: tuple[str, ...] = ()

    def revocation(self) -> Revocation:
        """The same as a value of the domain."""
        request = self.request.form() if self.request else None
        return Revocation(request=request, **self.values(but=("request",)))
