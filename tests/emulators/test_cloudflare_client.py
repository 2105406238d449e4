"""Cloudflare's own SDK, in strict mode, judges the stand-in of Vectorize: it refuses what its schema does not know."""

from collections.abc import Iterator

import cloudflare
import pytest
from cloudflare import Cloudflare

from moorings.emulators.server import EmulatorServer
from moorings.emulators.vectorize import Vectorize
from moorings.emulators.vectorize.account import ACCOUNT, DISABLED, INDEX, READ_ONLY, TOKEN, WITHOUT_VECTORIZE
from tests.contract.loopback import serving

NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serving(EmulatorServer({"vectorize": Vectorize()})) as address:
        yield f"{address}/vectorize"


@pytest.fixture
def client(base: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloudflare]:
    with opened(base, TOKEN, monkeypatch) as made:
        yield made


def opened(base: str, token: str, monkeypatch: pytest.MonkeyPatch) -> Cloudflare:
    """With these in the environment the SDK would drop the token that it was given."""
    for name in ("CLOUDFLARE_EMAIL", "CLOUDFLARE_API_KEY", "CLOUDFLARE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return Cloudflare(api_token=token, base_url=base, max_retries=0, _strict_response_validation=True)


def test_an_index_lives_and_dies(client: Cloudflare) -> None:
    indexes = client.vectorize.indexes
    config = {"dimensions": 2, "metric": "euclidean"}
    made = indexes.create(account_id=ACCOUNT, name="boats", config=config, description="Where they lie")  # type: ignore[arg-type]
    assert made is not None
    assert (made.name, made.description) == ("boats", "Where they lie")
    assert "boats" in [index.name for index in indexes.list(account_id=ACCOUNT).result if index]
    got = indexes.get("boats", account_id=ACCOUNT)
    assert got is not None
    assert got.config is not None
    assert (got.config.dimensions, got.config.metric) == (2, "euclidean")
    indexes.delete("boats", account_id=ACCOUNT)
    with pytest.raises(cloudflare.NotFoundError) as missing:
        indexes.get("boats", account_id=ACCOUNT)
    assert missing.value.errors[0].code == 3000


def test_a_preset_means_dimensions_and_metric(client: Cloudflare) -> None:
    config = {"preset": "@cf/baai/bge-base-en-v1.5"}
    made = client.vectorize.indexes.create(account_id=ACCOUNT, name="preset", config=config)  # type: ignore[arg-type]
    assert made is not None
    assert made.config is not None
    assert (made.config.dimensions, made.config.metric, made.config.preset) == (768, "cosine", config["preset"])
    client.vectorize.indexes.delete("preset", account_id=ACCOUNT)


@pytest.mark.filterwarnings("ignore:Passing raw bytes:DeprecationWarning")  # the SDK's own affair
def test_vectors_are_written_late_found_and_deleted(client: Cloudflare) -> None:
    indexes = client.vectorize.indexes
    indexes.create(account_id=ACCOUNT, name="late", config={"dimensions": 2, "metric": "cosine"})
    lines = (
        b'{"id": "a", "values": [1, 0], "metadata": {"kind": "tug"}}\n{"id": "b", "values": [0, 1], "namespace": "n"}\n'
    )
    written = indexes.upsert("late", account_id=ACCOUNT, body=lines, extra_headers=NDJSON)
    assert written is not None
    first = indexes.info("late", account_id=ACCOUNT)
    second = indexes.info("late", account_id=ACCOUNT)
    assert first is not None
    assert second is not None
    assert (first.vector_count, first.processed_up_to_mutation) == (0, None)
    assert (second.vector_count, second.processed_up_to_mutation) == (2, written.mutation_id)
    found = indexes.query(
        "late", account_id=ACCOUNT, vector=[0.9, 0.1], top_k=1, return_values=True, return_metadata="all"
    )
    assert found is not None
    assert found.matches
    assert (found.count, found.matches[0].id, found.matches[0].values) == (1, "a", [1, 0])
    assert found.matches[0].metadata == {"kind": "tug"}
    listed = indexes.list_vectors("late", account_id=ACCOUNT, count=1)
    assert listed is not None
    assert (listed.count, listed.is_truncated, listed.total_count) == (1, True, 2)
    got = indexes.get_by_ids("late", account_id=ACCOUNT, ids=["a", "nobody"])
    assert isinstance(got, list)
    assert [vector["id"] for vector in got] == ["a"]
    assert indexes.delete_by_ids("late", account_id=ACCOUNT, ids=["a"]) is not None
    inserted = indexes.insert("late", account_id=ACCOUNT, body=b'{"id": "c", "values": [1, 1]}', extra_headers=NDJSON)
    assert inserted is not None
    indexes.info("late", account_id=ACCOUNT)
    assert indexes.get_by_ids("late", account_id=ACCOUNT, ids=["a"]) == []
    indexes.delete("late", account_id=ACCOUNT)


def test_metadata_is_indexed_and_filtered_by(client: Cloudflare) -> None:
    metadata = client.vectorize.indexes.metadata_index
    made = metadata.create(INDEX, account_id=ACCOUNT, index_type="number", property_name="year")
    assert made is not None
    assert metadata.create(INDEX, account_id=ACCOUNT, index_type="number", property_name="year") is not None
    listed = metadata.list(INDEX, account_id=ACCOUNT)
    assert listed is not None
    assert {item.property_name for item in listed.metadata_indexes or ()} == {"language", "year"}
    wish = {"year": {"$gte": 2020}, "language": "en"}
    found = client.vectorize.indexes.query(INDEX, account_id=ACCOUNT, vector=[0.1, 0.5, 0.7], filter=wish)
    assert found is not None
    assert [match.id for match in found.matches or ()] == ["article-1"]
    metadata.delete(INDEX, account_id=ACCOUNT, property_name="year")
    with pytest.raises(cloudflare.BadRequestError) as missing:
        metadata.delete(INDEX, account_id=ACCOUNT, property_name="year")
    assert missing.value.errors[0].code == 40005


def test_what_is_wrong_is_told_by_its_number(client: Cloudflare) -> None:
    indexes = client.vectorize.indexes
    with pytest.raises(cloudflare.BadRequestError) as doubled:
        indexes.create(account_id=ACCOUNT, name=INDEX, config={"dimensions": 3, "metric": "cosine"})
    assert doubled.value.errors[0].code == 3002
    with pytest.raises(cloudflare.BadRequestError) as misfit:
        indexes.query(INDEX, account_id=ACCOUNT, vector=[1.0])
    assert misfit.value.errors[0].code == 40006
    assert "expected 3 dimensions, and got 1 dimensions" in str(misfit.value.errors[0].message)
    with pytest.raises(cloudflare.PermissionDeniedError) as elsewhere:
        list(indexes.list(account_id="f" * 32))
    assert elsewhere.value.errors[0].code == 10000


def test_tokens_are_checked_and_held_to_what_they_may(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(base, TOKEN, monkeypatch) as client:
        verified = client.user.tokens.verify()
        assert verified is not None
        assert verified.status == "active"
        with pytest.raises(cloudflare.AuthenticationError):
            client.accounts.tokens.verify(account_id=ACCOUNT)
    with opened(base, DISABLED, monkeypatch) as client:
        verified = client.user.tokens.verify()
        assert verified is not None
        assert verified.status == "disabled"
        with pytest.raises(cloudflare.AuthenticationError):
            list(client.vectorize.indexes.list(account_id=ACCOUNT))
    with opened(base, WITHOUT_VECTORIZE, monkeypatch) as client, pytest.raises(cloudflare.PermissionDeniedError):
        list(client.vectorize.indexes.list(account_id=ACCOUNT))
    with opened(base, READ_ONLY, monkeypatch) as client:
        assert [index.name for index in client.vectorize.indexes.list(account_id=ACCOUNT).result if index] == [INDEX]
        with pytest.raises(cloudflare.PermissionDeniedError):
            client.vectorize.indexes.delete(INDEX, account_id=ACCOUNT)
