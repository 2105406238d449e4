"""Weaviate: configurations, and the collections of a server."""

from collections.abc import Mapping

from pydantic import SecretStr

from moorings.client.answer import Answer
from moorings.client.call import Call, given, hidden, path
from moorings.client.nouns.vectors import (
    UNSET,
    Check,
    Configuration,
    ConfigurationDeleted,
    Unset,
    changed,
    hidden_values,
)
from moorings.client.operation import Noun, Operation, S

Key = str | SecretStr
Headers = Mapping[str, Key]


class WeaviateConfiguration(Configuration):
    """One configuration of Weaviate; of its module keys only the headers' names are shown."""

    url: str
    collection_name: str | None
    api_key_preview: str | None
    header_names: list[str]
    version: str | None


class WeaviateConfigurationList(Answer):
    """Configurations, sorted by name; what else the catalogue says of the integration stands in `model_extra`."""

    data: list[WeaviateConfiguration]
    total: int


class CollectionProperty(Answer):
    """One property of a collection's objects."""

    name: str
    data_type: list[str]
    description: str | None


class Collection(Answer):
    """One collection; `vectorizers` are named by vector, the unnamed one is called `default`."""

    name: str
    description: str | None
    vectorizers: dict[str, str]
    properties: list[CollectionProperty]
    multi_tenant: bool


class CollectionList(Answer):
    """The collections of a server."""

    collections: list[Collection]
    total: int


class WeaviateCalls(Noun[S]):
    """Weaviate."""

    @Operation
    def list(self, *, environment: str | None = None) -> Call[WeaviateConfigurationList]:
        """All configurations, or those that can answer in an environment."""
        return Call("GET", path("integrations", "weaviate"), WeaviateConfigurationList, given(environment=environment))

    @Operation
    def get(self, config: str) -> Call[WeaviateConfiguration]:
        """One configuration by its id."""
        return Call("GET", path("integrations", "weaviate", config), WeaviateConfiguration)

    @Operation
    def create(
        self, name: str, url: str, *, api_key: Key | None = None, collection_name: str | None = None,
        headers: Headers | None = None, environment: str | None = None, description: str | None = None,
        is_default: bool = False, verify: bool = True, idempotency_key: str | None = None,
    ) -> Call[WeaviateConfiguration]:  # fmt: skip
        """Look whether it works, then store it sealed."""
        body = given(
            name=name, url=url, apiKey=hidden(api_key), collectionName=collection_name, headers=hidden_values(headers),
            environment=environment, description=description, isDefault=is_default, verify=verify,
        )  # fmt: skip
        address = path("integrations", "weaviate")
        return Call("POST", address, WeaviateConfiguration, body=body, idempotency_key=idempotency_key)

    @Operation
    def update(
        self, config: str, *, name: str | Unset = UNSET, url: str | Unset = UNSET, api_key: Key | Unset | None = UNSET,
        collection_name: str | Unset | None = UNSET, headers: Headers | Unset | None = UNSET,
        environment: str | Unset | None = UNSET, description: str | Unset | None = UNSET,
        is_default: bool | Unset = UNSET, verify: bool = True,
    ) -> Call[WeaviateConfiguration]:  # fmt: skip
        """Change what is given; None takes away. The address of another server wants the secrets anew."""
        body = changed(
            name=name, url=url, apiKey=api_key if isinstance(api_key, Unset) else hidden(api_key),
            collectionName=collection_name, environment=environment, description=description, isDefault=is_default,
            headers=headers if isinstance(headers, Unset) else hidden_values(headers), verify=verify,
        )  # fmt: skip
        return Call("PUT", path("integrations", "weaviate", config), WeaviateConfiguration, body=body)

    @Operation
    def delete(self, config: str) -> Call[ConfigurationDeleted]:
        """Delete a configuration with its sealed bytes."""
        return Call("DELETE", path("integrations", "weaviate", config), ConfigurationDeleted)

    @Operation
    def test(
        self, url: str, *, api_key: Key | None = None, collection_name: str | None = None,
        headers: Headers | None = None,
    ) -> Call[Check]:  # fmt: skip
        """Whether a configuration would work; nothing is kept."""
        body = given(url=url, apiKey=hidden(api_key), collectionName=collection_name, headers=hidden_values(headers))
        return Call("POST", path("integrations", "weaviate", "test"), Check, body=body)

    @Operation
    def test_saved(self, config: str) -> Call[Check]:
        """Whether a stored one still works; the result is kept as its status."""
        return Call("POST", path("integrations", "weaviate", config, "test"), Check, body={})

    @Operation
    def collections(self, config: str) -> Call[CollectionList]:
        """The collections of a configuration's server."""
        return Call("POST", path("integrations", "weaviate", config, "collections"), CollectionList, body={})
