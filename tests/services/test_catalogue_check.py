"""A tool's request is written from the fewest parameters, and looked at for its host and its secret."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moorings.catalog.manifest import load
from moorings.domain.example import example, fewest
from moorings.domain.integration import Integration
from moorings.services.catalogue_check import lacking, request_problems
from tests.catalog.written import firecrawl, write


@pytest.fixture
def good(tmp_path: Path) -> Integration:
    return load(write(tmp_path, firecrawl()))


def _asking(entry: Integration, **change: Any) -> Integration:
    [tool] = entry.tools
    return replace(entry, tools=(replace(tool, request=replace(tool.request, **change)),))


# What the manifest's own checks refuse already is found again in the request that is sent.
WRONG: dict[str, tuple[Callable[[Integration], Integration], str]] = {
    "an unknown host": (lambda entry: _asking(entry, base_url="https://x.dev"), "cannot be written"),
    "no encryption": (lambda entry: replace(entry, base_url="http://api.firecrawl.dev"), "without encryption"),
    "a secret in the query": (lambda entry: _asking(entry, query={"k": "{fields.apiKey}"}), "in the query"),
    "a secret in the path": (lambda entry: _asking(entry, path="/{fields.apiKey}"), "in the path"),
    "no secret": (lambda entry: replace(entry, auth=replace(entry.auth, headers={})), "no secret"),
    "a path without its value": (lambda entry: _asking(entry, path="/{options}"), "cannot be written"),
}


def test_a_good_manifest_has_no_problem(good: Integration) -> None:
    assert list(request_problems(good)) == []


@pytest.mark.parametrize("wrong", WRONG)
def test_a_request_that_is_wrong_is_told_with_its_tool(good: Integration, wrong: str) -> None:
    change, reason = WRONG[wrong]
    [problem] = request_problems(change(good))
    assert problem.field == "tools.read_page"
    assert reason in problem.message


def test_what_is_lacking_is_named(good: Integration) -> None:
    assert list(lacking(replace(good, verify=None))) == ["a verification", "3 tools"]


def test_the_fewest_parameters_are_the_required_ones(good: Integration) -> None:
    assert fewest(good.tools[0].parameters).keys() == {"url"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "examples": ["a"], "enum": ["b"]}, "a"),
        ({"enum": ["b", "c"]}, "b"),
        ({"type": "string", "const": "c", "default": "d"}, "c"),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": ["null", "boolean"]}, True),
        ({"type": "array", "minItems": 2, "items": {"type": "string", "format": "uri"}}, ["https://example.com"] * 2),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, 1),
        ({"type": "string", "minLength": 10}, "namenamena"),
        ({"type": "string", "maxLength": 2}, "na"),
        ({"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"a": 1}),
        ({"properties": {"filename": {}, "content": {}}}, {"filename": "example.txt", "content": "ZXhhbXBsZQ=="}),
    ],
)
def test_an_example_fits_its_schema(schema: dict[str, Any], value: object) -> None:
    assert example(schema, "name") == value
