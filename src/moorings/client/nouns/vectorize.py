"""Cloudflare Vectorize: configurations, and the indexes of an account."""

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
)
from moorings.client.operation import Noun, Operation, S

Token = str | SecretStr


class VectorizeConfiguration(Configuration):
    """One configuration of Cloudflare Vectorize."""

    account_id: str
    index_name: str
    api_token_preview: str | None


class VectorizeConfigurationList(Answer):
    """Configurations, sorted by name; what else the catalogue says of the integration stands in `model_extra`."""

    data: list[VectorizeConfiguration]
    total: int


class Index(Answer):
    """One index of an account."""

    name: str
    description: str | None
    dimensions: int | None
    metric: str | None
    preset: str | None
    created_at: str | None
    updated_at: str | None


class IndexCreated(Answer):
    """The index that was made."""

    success: bool
    index: Index


class IndexList(Answer):
    """The indexes of an account."""

    indexes: list[Index]
    total: int


class VectorizeCalls(Noun[S]):
    """Cloudflare Vectorize."""

    @Operation
    def list(self, *, environment: str | None = None) -> Call[VectorizeConfigurationList]:
        """All configurations, or those that can answer in an environment."""
        return Call(
            "GET", path("integrations", "vectorize"), VectorizeConfigurationList, given(environment=environment)
        )

    @Operation
    def get(self, config: str) -> Call[VectorizeConfiguration]:
        """One configuration by its id."""
        return Call("GET", path("integrations", "vectorize", config), VectorizeConfiguration)

    @Operation
    def create(
        self, name: str, account_id: str, api_token: Token, index_name: str, *, environment: str | None = None,
        description: str | None = None, is_default: bool = False, verify: bool = True,
        idempotency_key: str | None = None,
    ) -> Call[VectorizeConfiguration]:  # fmt: skip
        """Look whether it works, then store it sealed."""
        body = given(
            name=name, accountId=account_id, apiToken=hidden(api_token), indexName=index_name, environment=environment,
            description=description, isDefault=is_default, verify=verify,
        )  # fmt: skip
        address = path("integrations", "vectorize")
        return Call("POST", address, VectorizeConfiguration, body=body, idempotency_key=idempotency_key)

    @Operation
    def update(
        self, config: str, *, name: str | Unset = UNSET, account_id: str | Unset = UNSET,
        api_token: Token | Unset = UNSET, index_name: str | Unset = UNSET, environment: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET, is_default: bool | Unset = UNSET, verify: bool = True,
    ) -> Call[VectorizeConfiguration]:  # fmt: skip
        """Change what is given; another target is looked at before it takes the place of the present one."""
        token = api_token if isinstance(api_token, Unset) else hidden(api_token)
        body = changed(
            name=name, accountId=account_id, apiToken=token, indexName=index_name, environment=environment,
            description=description, isDefault=is_default, verify=verify,
        )  # fmt: skip
        return Call("PUT", path("integrations", "vectorize", config), VectorizeConfiguration, body=body)

    @Operation
    def delete(self, config: str) -> Call[ConfigurationDeleted]:
        """Delete a configuration with its sealed bytes."""
        return Call("DELETE", path("integrations", "vectorize", config), ConfigurationDeleted)

    @Operation
    def test(self, account_id: str, api_token: Token, *, index_name: str | None = None) -> Call[Check]:
        """Whether a configuration would work; nothing is kept."""
        body = given(accountId=account_id, apiToken=hidden(api_token), indexName=index_name)
        return Call("POST", path("integrations", "vectorize", "test"), Check, body=body)

    @Operation
    def test_saved(self, config: str) -> Call[Check]:
        """Whether a stored one still works; the result is kept as its status."""
        return Call("POST", path("integrations", "vectorize", config, "test"), Check, body={})

    @Operation
    def create_index(
        self, name: str, *, config: str | None = None, account_id: str | None = None, api_token: Token | None = None,
        dimensions: int | None = None, metric: str | None = None, preset: str | None = None,
        description: str | None = None, idempotency_key: str | None = None,
    ) -> Call[IndexCreated]:  # fmt: skip
        """Make an index with a configuration's credentials or those given: dimensions and metric, or a preset."""
        body = given(
            name=name, configId=config, accountId=account_id, apiToken=hidden(api_token), dimensions=dimensions,
            metric=metric, preset=preset, description=description,
        )  # fmt: skip
        address = path("integrations", "vectorize", "indexes")
        return Call("POST", address, IndexCreated, body=body, idempotency_key=idempotency_key)

    @Operation
    def indexes(
        self, *, config: str | None = None, account_id: str | None = None, api_token: Token | None = None
    ) -> Call[IndexList]:
        """The indexes of an account, with a configuration's credentials or those given."""
        body = given(configId=config, accountId=account_id, apiToken=hidden(api_token))
        return Call("POST", path("integrations", "vectorize", "indexes", "list"), IndexList, body=body)
