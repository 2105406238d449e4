"""Configurations and indexes of Cloudflare Vectorize."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, model_validator

from moorings.domain.secret import Secret
from moorings.domain.vector import Index, NewIndex
from moorings.http.schemas.configurations import (
    DESCRIPTION,
    ENVIRONMENT,
    IS_DEFAULT,
    NAME,
    PLAIN_TEXT,
    VERIFY,
    ConfigOut,
    preview,
    secret,
    shown,
)
from moorings.http.schemas.integrations import IntegrationDetails
from moorings.http.schemas.part import Answer, Given
from moorings.services.indexes import Target
from moorings.services.vector_configs import ConfigView

ACCOUNT = "00000000000000000000000000000000"
TOKEN = "EXAMPLE_not_a_real_cloudflare_api_token_0"  # noqa: S105 - says itself that it is none
INDEX_NAME = r"^[a-z][a-z0-9_-]*[a-z0-9]$"

AccountId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
ApiToken = Annotated[SecretStr, Field(min_length=1, max_length=512)]
IndexName = Annotated[str, Field(pattern=INDEX_NAME, max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN_TEXT)]
Description = Annotated[str, Field(max_length=1000)]
Metric = Literal["cosine", "euclidean", "dot-product"]
Preset = Literal[
    "@cf/baai/bge-small-en-v1.5", "@cf/baai/bge-base-en-v1.5", "@cf/baai/bge-large-en-v1.5",
    "openai/text-embedding-ada-002", "cohere/embed-multilingual-v2.0",
]  # fmt: skip

_ACCOUNT = "The Cloudflare account that the indexes belong to: 32 digits and letters from a to f."
_TOKEN = "A token with the permission Vectorize Read for looking and querying, Vectorize Write for everything."  # noqa: S105
_INDEX = "The index that the tools work on."
_FIELDS = {"account_id": "accountId", "api_token": "apiToken", "index_name": "indexName"}


class VectorizeConfiguration(ConfigOut):
    """One configuration of Cloudflare Vectorize."""

    account_id: str = Field(description=_ACCOUNT, examples=[ACCOUNT])
    index_name: str = Field(description=_INDEX, examples=["articles"])
    api_token_preview: str | None = Field(description="The last characters of the token.", examples=["…9a2c"])

    @classmethod
    def of(cls, view: ConfigView) -> Self:
        """The same for the wire."""
        plain = view.config.shown
        return cls(
            **shown(view), account_id=plain.get("accountId", ""), index_name=plain.get("indexName", ""),
            api_token_preview=preview(view, "apiToken"),
        )  # fmt: skip


class VectorizeConfigurationList(IntegrationDetails):
    """Configurations, sorted by name, and what the catalogue says of the integration: the address stands for both."""

    data: list[VectorizeConfiguration] = Field(description="The configurations.")
    total: int = Field(description="How many there are.", examples=[2])


class CreateVectorizeConfiguration(Given):
    """A new configuration of Cloudflare Vectorize."""

    name: Name = Field(description=NAME, examples=["Production articles"])
    account_id: AccountId = Field(description=_ACCOUNT, examples=[ACCOUNT])
    api_token: ApiToken = Field(description=_TOKEN, examples=[TOKEN])
    index_name: IndexName = Field(description=_INDEX, examples=["articles"])
    environment: str | None = Field(None, description=ENVIRONMENT, examples=["production"])
    description: Description | None = Field(None, description=DESCRIPTION, examples=["What the newspaper wrote"])
    is_default: bool = Field(default=False, strict=True, description=IS_DEFAULT)
    verify: bool = Field(default=True, strict=True, description=VERIFY)

    def fields(self) -> dict[str, Secret]:
        """The target and its secret."""
        return {wire: secret(getattr(self, name)) for name, wire in _FIELDS.items()}


class UpdateVectorizeConfiguration(Given):
    """What is to be different; what does not stand here stays as it is."""

    name: Name = Field(default="", description=NAME, examples=["Production articles"], validate_default=False)
    account_id: AccountId = Field(default="", description=_ACCOUNT, examples=[ACCOUNT], validate_default=False)
    api_token: ApiToken = Field(
        default=SecretStr(""), description=f"{_TOKEN} Absent, the stored one stays.", examples=[TOKEN],
        validate_default=False,
    )  # fmt: skip
    index_name: IndexName = Field(default="", description=_INDEX, examples=["articles"], validate_default=False)
    environment: str | None = Field(None, description=ENVIRONMENT, examples=["production"])
    description: Description | None = Field(None, description=DESCRIPTION, examples=["What the newspaper wrote"])
    is_default: bool = Field(default=False, strict=True, description=IS_DEFAULT)
    verify: bool = Field(
        default=True, strict=True, description="Look whether another target works before it is stored."
    )

    def fields(self) -> dict[str, Secret | None]:
        """Those of the target that are given."""
        return {wire: secret(getattr(self, name)) for name, wire in _FIELDS.items() if name in self.model_fields_set}


class TestVectorizeConfiguration(Given):
    """A configuration that nothing is kept of."""

    __test__ = False

    account_id: AccountId = Field(description=_ACCOUNT, examples=[ACCOUNT])
    api_token: ApiToken = Field(description=_TOKEN, examples=[TOKEN])
    index_name: IndexName | None = Field(
        None, description=f"{_INDEX} Absent, only the token and the account are looked at.", examples=["articles"]
    )
    environment: str | None = Field(None, description=ENVIRONMENT, examples=["production"])

    def fields(self) -> dict[str, Secret]:
        """The target and its secret."""
        found = {wire: getattr(self, name) for name, wire in _FIELDS.items()}
        return {wire: secret(value) for wire, value in found.items() if value is not None}


class IndexTarget(Given):
    """Where indexes are: an account with a token, or a configuration that holds both."""

    config_id: str | None = Field(
        None, description="A configuration whose account and token are used.", max_length=64,
        examples=["vec_01kb0h6v3m8x2q4r5s6t7v8w9x"],
    )  # fmt: skip
    account_id: AccountId | None = Field(None, description=_ACCOUNT, examples=[ACCOUNT])
    api_token: ApiToken | None = Field(None, description=_TOKEN, examples=[TOKEN])

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        own = self.account_id is not None and self.api_token is not None
        if (self.config_id is not None) == own or (self.account_id is None) != (self.api_token is None):
            raise ValueError("Give configId, or accountId with apiToken, and not both")
        return self

    def target(self) -> Target:
        """The configuration's id, or the credentials."""
        if self.config_id is not None:
            return self.config_id
        return {"accountId": secret(self.account_id), "apiToken": secret(self.api_token)}


class CreateVectorizeIndex(IndexTarget):
    """A new index."""

    name: IndexName = Field(description="The index's name; it cannot be changed.", examples=["articles"])
    dimensions: int | None = Field(
        None, ge=1, le=1536, description="How many numbers its vectors have; with metric.", examples=[768]
    )
    metric: Metric | None = Field(None, description="How near vectors are; with dimensions.", examples=["cosine"])
    preset: Preset | None = Field(
        None, description="The embedding model it is for, in place of dimensions and metric.",
        examples=["@cf/baai/bge-base-en-v1.5"],
    )  # fmt: skip
    description: Description | None = Field(None, description=DESCRIPTION, examples=["What the newspaper wrote"])

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        sized = self.dimensions is not None and self.metric is not None
        half = (self.dimensions is None) != (self.metric is None)
        if half or sized == (self.preset is not None):
            raise ValueError("Give dimensions with metric, or preset, and not both")
        return self

    def wish(self) -> NewIndex:
        """The index that is wished for."""
        return NewIndex(self.name, self.dimensions, self.metric, self.preset, self.description)


class ListVectorizeIndexes(IndexTarget):
    """Whose indexes are wanted."""


class VectorizeIndex(Answer):
    """One index of an account."""

    name: str = Field(description="Its name.", examples=["articles"])
    description: str | None = Field(description="What it is for.")
    dimensions: int | None = Field(description="How many numbers its vectors have.", examples=[768])
    metric: str | None = Field(description="How near vectors are.", examples=["cosine"])
    preset: str | None = Field(description="The embedding model it was made for, where one was named.")
    created_at: str | None = Field(description="When it was made, as Cloudflare writes it.")
    updated_at: str | None = Field(description="When it was last changed, as Cloudflare writes it.")

    @classmethod
    def of(cls, index: Index) -> Self:
        """The same for the wire."""
        values: dict[str, Any] = {name: getattr(index, name) for name in cls.model_fields}
        return cls(**values)


class VectorizeIndexCreated(Answer):
    """The index that was made."""

    success: Literal[True] = Field(description="Always true; a failure is an error.")
    index: VectorizeIndex = Field(description="The index.")


class VectorizeIndexList(Answer):
    """The indexes of an account."""

    indexes: list[VectorizeIndex] = Field(description="The indexes.")
    total: int = Field(description="How many there are.", examples=[3])
