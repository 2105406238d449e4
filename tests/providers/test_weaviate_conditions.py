"""Conditions on what a search finds: the same over REST and in GraphQL, and nothing of a caller's leaves its place."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from moorings.emulators.contract import Call
from moorings.emulators.weaviate import Weaviate
from moorings.emulators.weaviate.server import KEY
from moorings.errors import InvalidParameters
from moorings.providers.weaviate.conditions import DEEPEST, condition
from tests.providers.test_weaviate import Asked, run

pytestmark = pytest.mark.anyio

OLD, NEW = "2020-01-01T00:00:00Z", "2024-06-01T00:00:00Z"
BERTHS: Mapping[str, Mapping[str, Any]] = {
    "North": {"name": "North quay", "depth": 9.5, "free": True, "since": OLD, "tags": ["deep", "old"]},
    "South": {"name": "South quay", "depth": 4.0, "free": False, "since": NEW, "tags": ["new"]},
    "Lock": {"name": "The lock", "slots": 3, "at": {"latitude": 53.54, "longitude": 9.98}},
}
KIND_OF = {
    "name": "text", "depth": "number", "free": "boolean", "since": "date", "tags": "text[]", "slots": "int",
    "at": "geoCoordinates",
}  # fmt: skip
HERE = {"geoCoordinates": {"latitude": 53.55, "longitude": 9.99}, "distance": {"max": 5000}}


def harbour(version: str) -> Asked:
    stand_in = Weaviate(version)

    def post(path: str, body: Any) -> None:
        headers = {"authorization": f"Bearer {KEY}"}
        answer = stand_in.answer(Call("POST", path, {}, headers, json.dumps(body).encode()))
        assert answer.status == 200, answer.body

    properties = [{"name": name, "dataType": [kind]} for name, kind in KIND_OF.items()]
    post("/v1/schema", {"class": "Berth", "vectorizer": "text2vec-transformers", "properties": properties})
    for berth in BERTHS.values():
        post("/v1/objects", {"class": "Berth", "properties": {**berth, "name": f"{berth['name']} berth"}})
    return Asked(stand_in)


def where(path: str, operator: str, **value: Any) -> dict[str, Any]:
    return {"path": [path], "operator": operator, **value}


FREE = where("free", "Equal", valueBoolean=True)
FOUND = [
    (where("name", "Equal", valueText="north"), {"North"}),
    (where("name", "NotEqual", valueText="north"), {"South", "Lock"}),
    (where("name", "Like", valueText="qu*"), {"North", "South"}),
    (where("name", "Equal", valueText='a" } }) { x'), set()),
    (where("depth", "GreaterThan", valueNumber=4), {"North"}),
    (where("depth", "LessThanEqual", valueNumber=4.0), {"South"}),
    (where("slots", "GreaterThanEqual", valueInt=3), {"Lock"}),
    (where("free", "Equal", valueBoolean=False), {"South"}),
    (where("since", "LessThan", valueDate="2022-01-01T00:00:00Z"), {"North"}),
    (where("depth", "IsNull", valueBoolean=True), {"Lock"}),
    (where("tags", "ContainsAny", valueText=["deep", "new"]), {"North", "South"}),
    (where("tags", "ContainsAll", valueTextArray=["deep", "old"]), {"North"}),
    (where("tags", "ContainsNone", valueTextArray=["deep"]), {"South", "Lock"}),
    (where("at", "WithinGeoRange", valueGeoRange=HERE), {"Lock"}),
    ({"operator": "And", "operands": [where("name", "Like", valueText="quay"), FREE]}, {"North"}),
    ({"operator": "Or", "operands": [where("slots", "Equal", valueInt=3), FREE]}, {"North", "Lock"}),
    ({"operator": "Not", "operands": [where("name", "Like", valueText="quay")]}, {"Lock"}),
]  # fmt: skip


@pytest.mark.parametrize("version", ["1.30.0", "1.41.0"], ids=["graphql", "rest"])
@pytest.mark.parametrize(("wanted", "names"), FOUND, ids=[str(wanted) for wanted, _ in FOUND])
async def test_what_holds_is_found_either_way(wanted: dict[str, Any], names: set[str], version: str) -> None:
    values = {"collection": "Berth", "query": "berth", "properties": ["name"], "where": wanted}
    found = await run(harbour(version), "bm25", values)
    assert not found.is_error, found
    assert {item["properties"]["name"] for item in found.result} == {f"{BERTHS[name]['name']} berth" for name in names}


@pytest.mark.parametrize("tool", ["near_text", "near_vector", "hybrid"])
async def test_every_search_takes_it(tool: str) -> None:
    query = {"vector": [0.1] * 64} if tool == "near_vector" else {"query": "ship"}
    asked = Asked(Weaviate("1.41.0"))
    found = await run(asked, tool, {**query, "where": where("year", "Equal", valueInt=2024), "properties": ["title"]})
    assert [item["properties"]["title"] for item in found.result] == ["A ship in the harbour"]


async def test_what_the_server_says_of_a_property_that_is_not_there_is_told() -> None:
    for version in ("1.30.0", "1.41.0"):
        values = {"query": "ship", "properties": ["title"], "where": where("tonnage", "Equal", valueInt=1)}
        found = await run(Asked(Weaviate(version)), "bm25", values)
        assert found.is_error
        assert "no such prop" in str(found.result)


def _range(**distance: Any) -> dict[str, Any]:
    return {"geoCoordinates": {"latitude": 1, "longitude": 2}, "distance": distance}


WRONG: list[tuple[Any, str]] = [
    ({"operator": []}, "where.operator"), ({"operator": {}}, "where.operator"),
    (where("a", "Equal", valueNumber=float("inf")), "where.valueNumber"),
    (where("a", "WithinGeoRange", valueGeoRange=_range(max="nan")), "where.valueGeoRange"),
    (where("a", "WithinGeoRange", valueGeoRange=_range(max=float("inf"))), "where.valueGeoRange"),
    (where("a", "WithinGeoRange", valueGeoRange=_range(max=True)), "where.valueGeoRange"),
    ("year", "where"), ({}, "where.operator"), ({"operator": "DROP"}, "where.operator"),
    ({"operator": "And"}, "where"), ({"operator": "And", "operands": []}, "where"),
    ({"operator": "And", "operands": [{"operator": "?"}]}, "where.operands[0].operator"),
    ({"operator": "Or", "operands": [where("a", "Equal", valueInt=1)], "path": ["b"]}, "where"),
    ({"operator": "Equal", "valueInt": 1}, "where.path"), (where("", "Equal", valueInt=1), "where.path"),
    (where("a", "Equal"), "where"), (where("a", "Equal", valueInt=1, valueText="1"), "where"),
    (where("a", "Equal", value=1), "where"), (where("a", "Equal", valueInt="1"), "where.valueInt"),
    (where("a", "Equal", valueInt=True), "where.valueInt"), (where("a", "Equal", valueBoolean=1), "where.valueBoolean"),
    (where("a", "Equal", valueText=None), "where.valueText"),
    (where("a", "Equal", valueText={"x": 1}), "where.valueText"),
    (where("a", "ContainsAny", valueTextArray=["x", 1]), "where.valueTextArray"),
    (where("a", "WithinGeoRange", valueGeoRange={"distance": {"max": 1}}), "where.valueGeoRange"),
    (where("a", "WithinGeoRange", valueGeoRange="here"), "where.valueGeoRange"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "place"), WRONG, ids=str)
def test_what_is_no_condition_is_refused_with_its_place(wanted: Any, place: str) -> None:
    with pytest.raises(InvalidParameters) as refusal:
        condition(wanted)
    assert [detail.field for detail in refusal.value.details] == [f"parameters.{place}"]


def test_conditions_do_not_go_down_for_ever() -> None:
    wanted: dict[str, Any] = where("a", "Equal", valueInt=1)
    for _ in range(DEEPEST - 1):
        wanted = {"operator": "And", "operands": [wanted]}
    assert condition(wanted).for_rest() == wanted
    with pytest.raises(InvalidParameters):
        condition({"operator": "And", "operands": [wanted]})
