"""Integrations: what can be connected, and what is."""

from moorings.client.answer import Answer, Time
from moorings.client.call import Call, given, path
from moorings.client.nouns.tools import Tool
from moorings.client.operation import Noun, Operation, S


class Account(Answer):
    """What the provider says we are."""

    id: str | None
    label: str | None


class Installation(Answer):
    """One connected instance of an integration; `status` is `pending`, `connected` or `failing`."""

    id: str
    type: str
    name: str
    status: str
    environment: str | None
    account: Account | None
    webhook_url: str | None
    forward_url: str | None
    created_at: Time
    updated_at: Time
    verified_at: Time | None
    expires_at: Time | None
    problem: str | None


class CredentialField(Answer):
    """One field of an integration's credentials, as a person fills it in."""

    name: str
    label: str
    description: str
    secret: bool
    required: bool
    pattern: str | None
    example: str | None
    help_url: str | None


class Integration(Answer):
    """One entry of the catalogue; `status` is `available`, `pending`, `connected` or `failing`.

    `environments` is where credentials are held; None in it means all environments.
    """

    id: str
    name: str
    description: str
    category: str
    auth_type: str
    status: str
    configured: bool
    environments: list[str | None]
    tool_count: int
    documentation_url: str
    logo_url: str | None
    installations: list[Installation]


class IntegrationDetails(Integration):
    """One entry with its fields and tools."""

    credential_fields: list[CredentialField]
    tools: list[Tool]


class IntegrationList(Answer):
    """Entries of the catalogue, sorted by name."""

    data: list[Integration]
    total: int


class CategoryList(Answer):
    """The entries of one category, sorted by name."""

    category: str
    integrations: list[Integration]
    total: int


class Integrations(Noun[S]):
    """The catalogue."""

    @Operation
    def list(
        self, *, category: str | None = None, status: str | None = None, environment: str | None = None,
        search: str | None = None,
    ) -> Call[IntegrationList]:  # fmt: skip
        """The catalogue, or what of it fits; seen from an environment where one is named."""
        query = given(category=category, status=status, environment=environment, q=search)
        return Call("GET", path("integrations"), IntegrationList, query)

    @Operation
    def of_category(self, category: str) -> Call[CategoryList]:
        """The entries of one category; an unknown one is `NotFound`, and the message lists the known ones."""
        return Call("GET", path("integrations", "category", category), CategoryList)

    @Operation
    def get(self, integration: str) -> Call[IntegrationDetails]:
        """One entry with its fields and tools; by a catalogue id or an installation's."""
        return Call("GET", path("integrations", integration), IntegrationDetails)

    @Operation
    def reserve(
        self, integration: str, *, name: str | None = None, environment: str | None = None,
        forward_url: str | None = None, idempotency_key: str | None = None,
    ) -> Call[Installation]:  # fmt: skip
        """A pending installation: its id and webhook address exist before any secret does."""
        body = given(type=integration, name=name, environment=environment, forwardUrl=forward_url)
        return Call("POST", path("integrations"), Installation, body=body, idempotency_key=idempotency_key)
