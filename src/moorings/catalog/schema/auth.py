"""How the secret reaches the provider."""

from pydantic import Field

from moorings.catalog.schema.part import Part, Statuses
from moorings.catalog.schema.request import RequestPart
from moorings.domain.integration import Auth, AuthType
from moorings.domain.request_form import TokenForm


class TokenPart(Part):
    """The exchange of credentials for an access token."""

    request: RequestPart
    token: str
    expires_in: str
    rejected: Statuses
    error: str | None = None
    words: tuple[str, ...] = ()
    basic: tuple[str, str] | None = None
    given: str | None = None

    def form(self) -> TokenForm:
        """The same as a value of the domain."""
        return TokenForm(request=self.request.form(), **self.values(but=("request",)))


class AuthPart(Part):
    """Where the secret goes."""

    type: AuthType
    headers: dict[str, str] = Field(default_factory=dict)
    basic: tuple[str, str] | None = None
    in_path: bool = False
    token: TokenPart | None = None

    def auth(self) -> Auth:
        """The same as a value of the domain."""
        token = self.token.form() if self.token else None
        return Auth(self.type, self.headers, self.basic, self.in_path, token)
