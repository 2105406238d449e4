"""Whatever a caller gives, it stays the value it is: an independent parser reads back what was put in."""

import math
from typing import Any

import pytest
from graphql import ValueNode, parse, value_from_ast_untyped
from graphql.language.ast import FieldNode, OperationDefinitionNode
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.emulators.weaviate.document import read
from moorings.errors import InvalidParameters
from moorings.providers.weaviate import graphql
from moorings.providers.weaviate.conditions import COMPARING, DEEPEST, JOINING, KINDS
from moorings.providers.weaviate.searches import Search

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    ('"}) { Get { Secret', '"""', "\\", '\\"', "\n", "\u2028", "#", "${x}", "\x00", "é漢😀", "${", "}}}}")
)  # fmt: skip
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**31), 2**31 - 1)
VALUES = st.recursive(
    TEXTS | NUMBERS | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.from_regex(r"[a-z][a-zA-Z]{0,8}", fullmatch=True), inner, max_size=3)
    ),
    max_leaves=8,
)
SEARCHES = ("near_text", "near_vector", "bm25", "hybrid")


def field_of(document: str) -> FieldNode:
    [definition] = parse(document).definitions
    assert isinstance(definition, OperationDefinitionNode)
    [get] = definition.selection_set.selections
    assert isinstance(get, FieldNode)
    assert get.selection_set is not None
    [found] = get.selection_set.selections
    assert isinstance(found, FieldNode)
    return found


def plain(node: ValueNode) -> Any:
    return value_from_ast_untyped(node)


def without_nulls(value: Any) -> Any:
    """What is None is left out of an object."""
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


@settings(max_examples=150, deadline=None, database=None)
@given(value=VALUES)
def test_any_value_is_read_back_as_it_was(value: Any) -> None:
    document = graphql.get("Article", {"nearText": value, "limit": 3}, ["title"], ("id",))
    arguments = {argument.name.value: plain(argument.value) for argument in field_of(document).arguments or ()}
    expected = {} if value is None else {"nearText": without_nulls(value)}
    assert arguments.pop("limit") == 3
    assert same(arguments, expected)


def same(one: Any, other: Any) -> bool:
    """Equal, numbers as near as their text tells them."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=5e-324)
    return bool(one == other) and type(one) is type(other)


@settings(max_examples=100, deadline=None, database=None)
@given(tool=st.sampled_from(SEARCHES), text=TEXTS, tenant=st.none() | TEXTS)
def test_a_search_asks_one_thing_of_one_collection(tool: str, text: str, tenant: str | None) -> None:
    values = {"query": text, "vector": [0.5, 1e-9, -3.0], "limit": 2, "search_properties": [text]}
    search = Search(tool, "Article", values if tenant is None else {**values, "tenant": tenant})
    document = search.document(["title", "year"])
    field = field_of(document)
    assert field.name.value == "Article"
    assert field.selection_set is not None
    names = [item.name.value for item in field.selection_set.selections if isinstance(item, FieldNode)]
    assert names == ["title", "year", "_additional"]
    [get] = read(document)  # and the stand-in's own reader agrees
    arguments = {argument.name.value: plain(argument.value) for argument in field.arguments or ()}
    assert same(get.inner[0].arguments, arguments)


@pytest.mark.parametrize(
    "name", ["", "article", "Article { x }", "Article(limit: 1)", "A" * 256, "Ärticle", "Article\n", "Article }",
    "1Article", "../meta", 'A"'],
)  # fmt: skip
def test_a_collection_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidParameters):
        graphql.get(name, {}, [], ("id",))
    for tool in ("near_text", "bm25"):
        with pytest.raises(InvalidParameters):
            _ = Search(tool, name, {"query": "x"}).path


@pytest.mark.parametrize("name", ["", "a b", "a{b}", "a)", "é", "a.b", "a" * 232, "title }", "title\n"])
def test_a_property_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidParameters):
        graphql.get("Article", {}, ["title", name], ("id",))


def test_half_a_character_is_refused_before_it_is_sent() -> None:
    with pytest.raises(InvalidParameters):
        graphql.get("Article", {"bm25": {"query": "\ud83d"}}, [], ("id",))


OF_KIND = {
    "valueText": TEXTS, "valueInt": st.integers(-(2**31), 2**31 - 1), "valueBoolean": st.booleans(), "valueDate": TEXTS,
    "valueNumber": st.floats(allow_nan=False, allow_infinity=False),
}  # fmt: skip


@st.composite
def comparisons(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(KINDS)))
    value = draw(OF_KIND[kind] | st.lists(OF_KIND[kind], max_size=3))
    path = draw(st.lists(TEXTS.filter(bool), min_size=1, max_size=3))
    return {"path": path, "operator": draw(st.sampled_from(sorted(COMPARING))), kind: value}


CONDITIONS = st.recursive(
    comparisons(),
    lambda inner: st.fixed_dictionaries(
        {"operator": st.sampled_from(sorted(JOINING)), "operands": st.lists(inner, min_size=1, max_size=3)}
    ),
    max_leaves=6,
).filter(lambda wanted: str(wanted).count("operands") < DEEPEST)


@settings(max_examples=100, deadline=None, database=None)
@given(wanted=CONDITIONS)
def test_a_condition_is_read_back_as_it_was(wanted: dict[str, Any]) -> None:
    document = Search("bm25", "Article", {"query": "x", "where": wanted}).document(["title"])
    arguments = {argument.name.value: plain(argument.value) for argument in field_of(document).arguments or ()}
    assert same(arguments["where"], wanted)
    [get] = read(document)
    assert same(get.inner[0].arguments["where"], wanted)
