"""Things of one owner that others must not learn of, one of each kind."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moorings.domain.caller import Caller
from moorings.domain.ids import new_id
from tests.http.world import Client, World, new_key, reserve, saved

ACCOUNT = "0123456789abcdef0123456789abcdef"
CONFIGS: dict[str, dict[str, Any]] = {
    "vectorize": {"accountId": ACCOUNT, "apiToken": "x" * 40, "indexName": "articles"},
    "weaviate": {"url": "https://c.weaviate.cloud", "apiKey": "x" * 40},
}
EVENT = (
    "INSERT INTO events (id, owner, installation_id, name, type, conversation, sealed, owner_key_id, received_at, "
    "state, due_at, give_up_at, tries) SELECT ?, owner, ?, 'e1', 'message', 'c1', x'00', id, ?, 'undelivered', 0, 0, "
    "'[]' FROM owner_keys WHERE owner = ?"
)
REQUEST = (
    "INSERT INTO managed_requests (id, owner, actor, status, suggested_username, suggested_name, environment, "
    "created_at, expires_at, updated_at) VALUES (?, ?, 'key', 'pending', ?, 'A bot', '*', ?, ?, ?)"
)
FAR = 4_102_444_800_000


@dataclass(frozen=True, slots=True)
class Belongings:
    """Their ids."""

    installation: str
    key: str
    vectorize: str
    weaviate: str
    request: str
    event: str


async def belongings(world: World, admin: Client) -> Belongings:
    """An owner's first things, made by the calls where no provider is needed for it, else put into the database."""
    caller: Caller = await world.hub.access.caller(admin.headers["authorization"])
    installation, now = (await reserve(admin))["id"], datetime.now(UTC)
    await saved(admin, installation)
    event, request, received = new_id("evt", now), new_id("tmb", now), int(now.timestamp() * 1000)
    world.change(EVENT, event, installation, received, caller.owner)
    await world.change_as_ours(REQUEST, request, caller.owner, f"{request[-20:]}_bot", received, FAR, received)
    return Belongings(
        installation=installation,
        key=(await new_key(admin, "*"))["id"],
        vectorize=await _config(admin, "vectorize"),
        weaviate=await _config(admin, "weaviate"),
        request=request,
        event=event,
    )


async def _config(admin: Client, kind: str) -> str:
    body = {"name": "theirs", "verify": False, **CONFIGS[kind]}
    answer = await admin.post(f"/v1/integrations/{kind}", json=body)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found
