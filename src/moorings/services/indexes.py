"""Indexes and collections: what a vector store holds, for whoever has its credentials or names a configuration."""

from collections.abc import Sequence
from dataclasses import dataclass

from moorings.domain.caller import Caller, Scope
from moorings.domain.secret import SecretFields
from moorings.domain.vector import Collection, Index, NewIndex, StoreType
from moorings.errors import ConfigurationNotFound, Detail, InvalidRequest
from moorings.providers.contract import CollectionStore, IndexStore
from moorings.services.vector_configs import VectorConfigs

Target = SecretFields | str
"""Credentials as they were given, or the id of a configuration that holds some."""


@dataclass(frozen=True, slots=True)
class Indexes:
    """What is asked of a store beside its tools."""

    configs: VectorConfigs
    vectorize: IndexStore
    weaviate: CollectionStore

    async def create(self, caller: Caller, target: Target, wish: NewIndex) -> Index:
        """Make an index; raises `IndexExists`."""
        caller.require(Scope.WRITE)
        return await self.vectorize.create_index(await self._fields(caller, target, "create_index"), wish)

    async def every(self, caller: Caller, target: Target) -> Sequence[Index]:
        """All indexes of an account."""
        caller.require(Scope.WRITE)
        return await self.vectorize.indexes(await self._fields(caller, target, "list_indexes"))

    async def collections(self, caller: Caller, config_id: str) -> Sequence[Collection]:
        """All collections of a configuration's server."""
        caller.require(Scope.WRITE)
        fields = await self.configs.used(caller, StoreType.WEAVIATE, config_id, "list_collections")
        return await self.weaviate.collections(fields)

    async def _fields(self, caller: Caller, target: Target, for_what: str) -> SecretFields:
        if not isinstance(target, str):
            return self.configs.put_right(StoreType.VECTORIZE, target)
        try:
            return await self.configs.used(caller, StoreType.VECTORIZE, target, for_what)
        except ConfigurationNotFound as error:
            raise InvalidRequest(error.message, [Detail("configId", "There is no such configuration.")]) from None
