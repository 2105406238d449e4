"""The catalogue as the API shows it."""

from typing import Annotated, Any, Literal

from pydantic import Field

from moorings.http.schemas.part import Answer, Given, Time

EXAMPLE_URL = "https://hooks.example.com/moorings"


class AccountOut(Answer):
    """What the provider says we are."""

    id: str | None = Field(description="The account's id at the provider.", examples=["583231"])
    label: str | None = Field(description="A name a person recognises.", examples=["octocat"])


class InstallationOut(Answer):
    """One connected instance of an integration."""

    id: str = Field(description="The installation's id.", examples=["intg_01kb0h6v3m8x2q4r5s6t7v8w9x"])
    type: str = Field(description="The catalogue id of the integration.", examples=["slack"])
    name: str = Field(description="The name given to it.", examples=["Support workspace"])
    status: Literal["pending", "connected", "failing"] = Field(description="Where it stands.")
    environment: str | None = Field(description="The environment it serves; null for all.", examples=["production"])
    account: AccountOut | None = Field(description="What the provider says we are; null until it was asked.")
    webhook_url: str | None = Field(description="Where the provider sends events; null where it sends none.")
    forward_url: str | None = Field(description="Where we pass events on to.", examples=[EXAMPLE_URL])
    created_at: Time = Field(description="When it was reserved or installed.")
    updated_at: Time = Field(description="When it last changed.")
    verified_at: Time | None = Field(description="When the provider last accepted its credentials.")
    expires_at: Time | None = Field(description="When a pending one ends.")
    problem: str | None = Field(description="Why it is failing, for a person; null while nothing is known to be wrong.")


class CredentialFieldOut(Answer):
    """One field of an integration's credentials."""

    name: str = Field(description="The name to send it under.", examples=["apiKey"])
    label: str = Field(description="What a person calls it.", examples=["API key"])
    description: str = Field(description="Which value is wanted and what it must be allowed to do.")
    secret: bool = Field(description="Whether it must not be seen on a screen.")
    required: bool = Field(description="Whether credentials are incomplete without it.")
    pattern: str | None = Field(description="A regular expression that every good value matches.", examples=["^fc-.+$"])
    example: str | None = Field(description="How a value looks; not a working one.")
    help_url: str | None = Field(description="Where a person finds or makes it.")


class ToolOut(Answer):
    """One thing an integration offers to agents."""

    id: str = Field(description="The short name.", examples=["scrape_page"])
    name: str = Field(description="The full name, unique in the catalogue.", examples=["firecrawl_scrape_page"])
    integration_id: str = Field(description="The integration that offers it.", examples=["firecrawl"])
    title: str = Field(description="A heading.", examples=["Scrape a page"])
    description: str = Field(description="What it does, when to use it, what comes back.")
    parameters_schema: dict[str, Any] = Field(description="JSON Schema 2020-12 of what it takes.")
    output_schema: dict[str, Any] | None = Field(description="JSON Schema of what comes back, where it is known.")
    read_only: bool = Field(description="Whether it changes nothing.")
    destructive: bool = Field(description="Whether it can destroy something.")


class ConfiguredToolOut(ToolOut):
    """A tool that the owner's credentials unlock."""

    environment: str | None = Field(
        description="The environment asked for; null when none was.", examples=["production"]
    )
    source: Literal["environment", "all"] = Field(description="Which entry's credentials it would use.")


class IntegrationOut(Answer):
    """One entry of the catalogue, as the caller's owner sees it."""

    id: str = Field(description="The catalogue id.", examples=["firecrawl"])
    name: str = Field(description="The provider's name.", examples=["Firecrawl"])
    description: str = Field(description="What it is for, in a sentence.")
    category: str = Field(description="The category it stands under.", examples=["scraping"])
    auth_type: Literal["api_key", "bot_token", "basic", "oauth2", "account_token", "none"] = Field(
        description="What kind of credentials it takes."
    )
    status: Literal["available", "pending", "connected", "failing"] = Field(
        description="Where it stands for this owner."
    )
    configured: bool = Field(description="Whether credentials are held; in the environment asked for, where one was.")
    environments: list[str | None] = Field(description="Where credentials are held; null means all environments.")
    tool_count: int = Field(description="How many tools it offers.", examples=[8])
    documentation_url: str = Field(description="The provider's own documentation.")
    logo_url: str | None = Field(description="A picture, as an address or a data URI.")
    installations: list[InstallationOut] = Field(description="Its connected instances.")


class IntegrationDetails(IntegrationOut):
    """One entry with its fields and tools."""

    credential_fields: list[CredentialFieldOut] = Field(description="The fields of its credentials.")
    tools: list[ToolOut] = Field(description="The tools it offers.")


class IntegrationList(Answer):
    """Entries of the catalogue, sorted by name."""

    data: list[IntegrationOut] = Field(description="The entries.")
    total: int = Field(description="How many there are.", examples=[16])


class CategoryList(Answer):
    """The entries of one category."""

    category: str = Field(description="The category.", examples=["search"])
    integrations: list[IntegrationOut] = Field(description="Its entries, sorted by name.")
    total: int = Field(description="How many there are.", examples=[2])


class ToolList(Answer):
    """The tools of one integration."""

    integration_id: str = Field(description="The id that was asked for.", examples=["firecrawl"])
    tools: list[ToolOut] = Field(description="Its tools.")
    total: int = Field(description="How many there are.", examples=[8])


class ConfiguredToolList(Answer):
    """The tools that can be run."""

    tools: list[ConfiguredToolOut] = Field(description="The tools.")
    total: int = Field(description="How many there are.", examples=[15])


InstallationName = Annotated[
    str | None,
    Field(
        description="A name for it.", examples=["Support workspace"], min_length=1, max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]+$",
    ),
]  # fmt: skip
ServedEnvironment = Annotated[
    str | None, Field(description="The environment it serves; null for all.", examples=["production"])
]
ForwardUrl = Annotated[
    str | None,
    Field(
        description="An https address that events are passed on to; no user or password in it.",
        examples=[EXAMPLE_URL], max_length=2048, pattern=r"^https?://[^\s/@\\]+(/[^\s]*)?$",
    ),
]  # fmt: skip
"""Plain http only to hosts that an operator has opened; the service judges that."""


class ReserveIntegration(Given):
    """A new installation, before any secret exists."""

    type: str = Field(description="The catalogue id.", examples=["slack"], min_length=1, max_length=64)
    name: InstallationName = None
    environment: ServedEnvironment = None
    forward_url: ForwardUrl = None
