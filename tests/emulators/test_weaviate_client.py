"""Weaviate's own client judges the stand-in over REST: it reads the schema closely and writes one of its own."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from moorings.emulators.server import EmulatorServer
from moorings.emulators.weaviate import Weaviate
from moorings.emulators.weaviate.server import KEY
from tests.contract.loopback import HOST, free_port, serving

with warnings.catch_warnings():  # what it imports warns of what it imports
    warnings.simplefilter("ignore")
    import weaviate
    from weaviate.classes.config import Configure, DataType, Property
    from weaviate.classes.init import Auth
    from weaviate.exceptions import UnexpectedStatusCodeError, WeaviateBaseError

pytestmark = pytest.mark.filterwarnings("ignore")  # it says that gRPC is missing, which it is


class AtRoot:
    """The stand-in at the root of an address, where a client wants its server."""

    def __init__(self, inner: EmulatorServer) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": f"/weaviate{scope['path']}", "raw_path": b"/weaviate" + scope["raw_path"]}
        await self._inner(scope, receive, send)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(AtRoot(EmulatorServer({"weaviate": Weaviate()}))) as base:
        yield int(base.rpartition(":")[2])


def opened(port: int, key: str | None) -> Any:
    return weaviate.connect_to_custom(
        http_host=HOST, http_port=port, http_secure=False, grpc_host=HOST, grpc_port=free_port(), grpc_secure=False,
        auth_credentials=Auth.api_key(key) if key else None, skip_init_checks=True,
    )  # fmt: skip


@pytest.fixture
def client(port: int) -> Iterator[Any]:
    with opened(port, KEY) as made:
        yield made


def test_it_is_ready_and_says_what_it_is(client: Any) -> None:
    assert client.is_ready()
    assert client.get_meta()["version"] == "1.39.2"


def test_its_collections_are_read_down_to_their_vectors(client: Any) -> None:
    found = client.collections.list_all(simple=False)
    assert set(found) == {"Article", "Ship"}
    assert [item.name for item in found["Article"].properties] == ["title", "body", "year"]
    assert found["Article"].vectorizer.value == "text2vec-transformers"
    assert set(found["Ship"].vector_config) == {"kind", "route"}


def test_a_collection_is_made_filled_and_dropped(client: Any) -> None:
    properties = [Property(name="name", data_type=DataType.TEXT)]
    client.collections.create("Boat", properties=properties, vector_config=Configure.Vectors.self_provided())
    assert client.collections.exists("Boat")
    boats = client.collections.get("Boat")
    written = boats.data.insert({"name": "Anna"}, vector=[0.1, 0.2])
    assert boats.data.exists(written)
    assert boats.data.delete_by_id(written)
    assert not boats.data.exists(written)
    client.collections.delete("Boat")
    assert not client.collections.exists("Boat")


def test_a_collection_of_the_same_name_is_refused_in_words_that_it_reads(client: Any) -> None:
    with pytest.raises(UnexpectedStatusCodeError, match="already exists"):
        client.collections.create("Article")


def test_a_search_in_graphql_is_read(client: Any) -> None:
    query = '{ Get { Article(bm25: {query: "herring"}, limit: 1) { title _additional { id score } } } }'
    [found] = client.graphql_raw_query(query).get["Article"]
    assert (found["title"], found["_additional"]["score"]) == ("The price of fish", "1.0")
    assert "Cannot query field" in str(client.graphql_raw_query("{ Get { Nobody(limit: 1) { x } } }").errors)


@pytest.mark.parametrize("key", ["another-key", None])
def test_nobody_else_gets_in(port: int, key: str | None) -> None:
    with pytest.raises(WeaviateBaseError, match="401"):
        opened(port, key)
