"""Whatever fits into a body, one caller's call keeps the others waiting for no more than a moment."""

import json
import time
from typing import Any

import pytest

from moorings.errors import InvalidParameters
from moorings.http.whole_body import BODY_LIMIT
from moorings.services.parameters import check
from tests.contract.catalogue import integration
from tests.http.world import Client, World, new_key

pytestmark = pytest.mark.anyio

MANY, SOME = 400_000, 60_000
SECONDS = 3.0
"""Of the processor; each of these calls took from four to twenty-five."""

BODIES: dict[str, tuple[str, Any]] = {
    "scopes": ("api-keys", {"name": "x", "scopes": [1] * MANY}),
    "environments": ("api-keys", {"name": "x", "scopes": ["*"], "environments": [1] * MANY}),
    "networks": ("api-keys", {"name": "x", "scopes": ["*"], "networks": [1] * MANY}),
    "unknown fields": ("api-keys", {f"f{number}": 1 for number in range(SOME)}),
    "credentials": ("integrations/harbour/credentials", {"credentials": {str(number): 1 for number in range(SOME)}}),
    "headers": ("integrations/weaviate/test", {"url": "x", "headers": {f"X-{number}": 1 for number in range(SOME)}}),
    "commands": ("integrations/slack/manifest", {"commands": [{}] * 200_000}),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_with_a_great_many_mistakes_is_refused_in_a_moment(world: World, admin: Client, name: str) -> None:
    narrow = world.client((await new_key(admin, "AUDIT:READ", environments=["staging"]))["key"])
    path, body = BODIES[name]
    content, headers = json.dumps(body, separators=(",", ":")).encode(), {"Content-Type": "application/json"}
    assert len(content) < BODY_LIMIT
    began = time.process_time()
    answer = await narrow.post(f"/v1/{path}", content=content, headers=headers)
    assert time.process_time() - began < SECONDS
    assert answer.status_code in (400, 403)
    assert len(answer.content) < 20_000


PARAMETERS: dict[str, Any] = {
    "a list of the wrong type": {"url": "https://example.com", "includeTags": [1] * MANY},
    "a list of objects": {"url": "https://example.com", "formats": [{}] * MANY},
    "unknown names": {"url": "https://example.com", **{f"f{number}": 1 for number in range(SOME)}},
    "a number without end": {"url": "https://example.com", "waitFor": float("inf")},
    "nothing but depth": {"url": "https://example.com", "actions": json.loads("[" * 500 + "]" * 500)},
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_with_a_great_many_mistakes_are_refused_in_a_moment(name: str) -> None:
    tool = integration("firecrawl").tool("scrape_page")
    began = time.process_time()
    with pytest.raises(InvalidParameters) as refusal:
        check(tool, PARAMETERS[name])
    assert time.process_time() - began < SECONDS
    assert 0 < len(refusal.value.details) <= 21
