"""What a model reads of a result: text as it is, pictures and sounds as such, everything else as JSON."""

import json
from typing import Any

import pytest
from mcp_types import AudioContent, ImageContent, TextContent

from moorings.domain.run import Run
from moorings.mcp import results
from moorings.services.execution import Executed
from tests.contract.catalogue import integration

TOOL = integration("firecrawl").tools[0]


def content(result: Any, *, truncated: bool = False) -> list[Any]:
    return results.of(Executed(TOOL, "production", None, 1, Run(result, truncated=truncated))).content


@pytest.mark.parametrize("said", ["plain words", '"quoted"', "", "zwei\nZeilen"])
def test_text_is_shown_as_it_is(said: str) -> None:
    [block] = content(said)
    assert isinstance(block, TextContent)
    assert block.text == said


@pytest.mark.parametrize("found", [{"a": 1}, [1, "b"], 3, True, None])
def test_everything_else_is_shown_as_json(found: Any) -> None:
    [block] = content(found)
    assert isinstance(block, TextContent)
    assert json.loads(block.text) == found


@pytest.mark.parametrize(("kind", "block"), [("image/png", ImageContent), ("audio/wav", AudioContent)])
def test_pictures_and_sounds_are_shown_as_such_unless_they_were_cut(kind: str, block: type) -> None:
    media = {"contentType": kind, "base64": "AAAA"}
    assert isinstance(content(media)[0], block)
    assert isinstance(content(media, truncated=True)[0], TextContent)
