"""Configurations and collections of Weaviate."""

from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator

from moorings.domain.secret import Secret
from moorings.domain.vector import HEADER, Collection
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
from moorings.services.vector_configs import ConfigView

URL = "https://example.c0.region.gcp.weaviate.cloud"
KEY = "example-not-a-real-weaviate-key"

Url = Annotated[str, Field(min_length=1, max_length=2048)]
ApiKey = Annotated[SecretStr, Field(min_length=1, max_length=4096)]
CollectionName = Annotated[str, Field(pattern=r"^[A-Z][_0-9A-Za-z]{0,254}$")]
HeaderName = Annotated[str, Field(pattern=r"^X-[A-Za-z0-9]+(-[A-Za-z0-9]+)*$", max_length=100)]
HeaderValue = Annotated[SecretStr, Field(min_length=1, max_length=4096)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN_TEXT)]
Description = Annotated[str, Field(max_length=1000)]
Headers = Annotated[dict[HeaderName, HeaderValue], Field(max_length=20)]

_URL = "The address of the server; a missing https://, a trailing slash or /v1 is put right."
_KEY = "A key with a role that may read the collections; absent for a server that lets anyone in."
_COLLECTION = "The collection that the tools work on."
_HEADERS = "Keys of the model providers that its modules use, by the names of their headers; sealed."
_EXAMPLE_HEADERS = {"X-OpenAI-Api-Key": "example-not-a-real-openai-key"}
_FIELDS = {"url": "url", "api_key": "apiKey", "collection_name": "collectionName"}


class WeaviateConfiguration(ConfigOut):
    """One configuration of Weaviate."""

    url: str = Field(description="The address of the server.", examples=[URL])
    collection_name: str | None = Field(description=_COLLECTION, examples=["Article"])
    api_key_preview: str | None = Field(description="The last characters of the key.", examples=["…9a2c"])
    header_names: list[str] = Field(description="The headers whose values are sealed.", examples=[["X-OpenAI-Api-Key"]])
    version: str | None = Field(description="The server's version, as it was last seen.", examples=["1.39.2"])

    @classmethod
    def of(cls, view: ConfigView) -> Self:
        """The same for the wire."""
        plain, version = view.config.shown, view.config.facts.get("version")
        return cls(
            **shown(view), url=plain.get("url", ""), collection_name=plain.get("collectionName"),
            api_key_preview=preview(view, "apiKey"), version=version if isinstance(version, str) else None,
            header_names=sorted(name.removeprefix(HEADER) for name in plain if name.startswith(HEADER)),
        )  # fmt: skip


class WeaviateConfigurationList(IntegrationDetails):
    """Configurations, sorted by name, and what the catalogue says of the integration: the address stands for both."""

    data: list[WeaviateConfiguration] = Field(description="The configurations.")
    total: int = Field(description="How many there are.", examples=[2])


class WeaviateTarget(Given):
    """Which server is meant, and what is shown to it."""

    api_key: ApiKey | None = Field(None, description=_KEY, examples=[KEY])
    collection_name: CollectionName | None = Field(None, description=_COLLECTION, examples=["Article"])
    headers: Headers | None = Field(None, description=_HEADERS, examples=[_EXAMPLE_HEADERS])
    environment: str | None = Field(None, description=ENVIRONMENT, examples=["production"])

    @field_validator("headers")
    @classmethod
    def _sendable(cls, headers: dict[str, SecretStr] | None) -> dict[str, SecretStr] | None:
        given = headers or {}
        if len({name.lower() for name in given}) < len(given):
            raise ValueError("A header stands there twice; their names do not tell capitals apart")
        values = [value.get_secret_value() for value in given.values()]
        if not all(value.isascii() and value.isprintable() for value in values):
            raise ValueError("A value holds characters that a header cannot carry")
        return headers

    def fields(self) -> dict[str, Secret]:
        """The target and its secrets."""
        found = {wire: getattr(self, name) for name, wire in _FIELDS.items()}
        headers = {HEADER + name: value for name, value in self.module_keys().items()}
        return {**{wire: secret(value) for wire, value in found.items() if value is not None}, **headers}

    def module_keys(self) -> dict[str, Secret]:
        """The module keys by the names of their headers."""
        return {name: secret(value) for name, value in (self.headers or {}).items()}


class CreateWeaviateConfiguration(WeaviateTarget):
    """A new configuration of Weaviate."""

    name: Name = Field(description=NAME, examples=["Production articles"])
    url: Url = Field(description=_URL, examples=[URL])
    description: Description | None = Field(None, description=DESCRIPTION, examples=["What the newspaper wrote"])
    is_default: bool = Field(default=False, strict=True, description=IS_DEFAULT)
    verify: bool = Field(default=True, strict=True, description=VERIFY)


class UpdateWeaviateConfiguration(WeaviateTarget):
    """What is to be different; what does not stand here stays as it is, and null takes away.

    An address of another server wants the key and the headers given anew: a stored secret is shown to none but its own.
    """

    name: Name = Field(default="", description=NAME, examples=["Production articles"], validate_default=False)
    url: Url = Field(default="", description=_URL, examples=[URL], validate_default=False)
    description: Description | None = Field(None, description=DESCRIPTION, examples=["What the newspaper wrote"])
    is_default: bool = Field(default=False, strict=True, description=IS_DEFAULT)
    verify: bool = Field(
        default=True, strict=True, description="Look whether another target works before it is stored."
    )

    def changed_fields(self) -> dict[str, Secret | None]:
        """Those of the target that stand in the body; null takes one away."""
        found = {wire: getattr(self, name) for name, wire in _FIELDS.items() if name in self.model_fields_set}
        return {wire: None if value is None else secret(value) for wire, value in found.items()}

    def changed_headers(self) -> dict[str, Secret] | None:
        """All headers that shall be there; None where nothing is said of them."""
        return self.module_keys() if "headers" in self.model_fields_set else None


class TestWeaviateConfiguration(WeaviateTarget):
    """A configuration that nothing is kept of."""

    __test__ = False

    url: Url = Field(description=_URL, examples=[URL])


class WeaviateProperty(Answer):
    """One property of a collection's objects."""

    name: str = Field(description="Its name.", examples=["title"])
    data_type: list[str] = Field(description="What it holds.", examples=[["text"]])
    description: str | None = Field(description="What it is for.")


class WeaviateCollection(Answer):
    """One collection of a server."""

    name: str = Field(description="Its name.", examples=["Article"])
    description: str | None = Field(description="What it is for.")
    vectorizers: dict[str, str] = Field(
        description="What makes its vectors, by their names; the one without a name is called default.",
        examples=[{"default": "text2vec-openai"}],
    )
    properties: list[WeaviateProperty] = Field(description="Its properties.")
    multi_tenant: bool = Field(description="Whether its objects belong to tenants.")

    @classmethod
    def of(cls, found: Collection) -> Self:
        """The same for the wire."""
        properties = [
            WeaviateProperty(name=item.name, data_type=list(item.data_type), description=item.description)
            for item in found.properties
        ]
        return cls(
            name=found.name, description=found.description, vectorizers=dict(found.vectorizers), properties=properties,
            multi_tenant=found.multi_tenant,
        )  # fmt: skip


class WeaviateCollectionList(Answer):
    """The collections of a server."""

    collections: list[WeaviateCollection] = Field(description="The collections.")
    total: int = Field(description="How many there are.", examples=[2])
