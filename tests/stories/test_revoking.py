"""Delete that means delete, over HTTP: the stand-in of GitHub is told, refuses, is away, and confirms in the end."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from moorings.domain.job import JobKind
from moorings.emulators.github import TOKEN, GitHub
from moorings.emulators.slack import Slack
from moorings.emulators.slack.apps import SIGNING_SECRET
from moorings.emulators.slack.apps import TOKEN as BOT_TOKEN
from tests.stories.stage import Stage, stage

pytestmark = pytest.mark.anyio

PLACE = "/github/credentials"
AWAY = {"status": 503, "path": "/credentials/revoke"}


@pytest.fixture(params=["sqlite", "postgresql"])
async def on(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """The same story on both databases."""
    url = request.getfixturevalue("databases").emptied() if request.param == "postgresql" else None
    async with stage(tmp_path, {"github": GitHub(), "slack": Slack()}, database_url=url) as made:
        yield made


async def saved(on: Stage, environment: str | None = None) -> None:
    await on.ok("POST", PLACE, json={"credentials": {"accessToken": TOKEN}, "environment": environment})


async def accepted(on: Stage) -> bool:
    """Whether GitHub still takes the token."""
    body = {"credentials": {"accessToken": TOKEN}, "environment": "development"}
    answer = await on.client.post(f"/v1/integrations{PLACE}", json=body)
    if answer.status_code == 200:
        await on.ok("DELETE", PLACE, params={"environment": "development", "revoke": "false"})
    return answer.status_code == 200


async def revoking(on: Stage, environment: str | None = None) -> Any:
    asked = {"integrationId": "github"} | ({"environment": environment} if environment else {})
    [entry] = (await on.ok("GET", "/credentials/status", params=asked))["data"]
    return entry["revoking"]


async def outcomes(on: Stage) -> list[str]:
    """What the audit says came of telling the provider, the first first."""
    entries = (await on.client.get("/v1/audit-events", params={"kind": "credentials.revoked"})).json()["data"]
    return [entry["outcome"] for entry in reversed(entries)]


async def worked(on: Stage) -> None:
    """Let what waits to be told be told now."""
    waiting = await on.rows("SELECT id FROM jobs WHERE kind = 'revoke'")
    await on.beside.write(_due)
    for (pending,) in waiting:
        job = await on.hub.jobs.take_one(JobKind.REVOKE, pending)
        assert job is not None
        await on.hub.jobs.run(job)


def _due(connection: Any) -> None:
    connection.exec_driver_sql("UPDATE jobs SET due_at = 0, next_at = 0")


async def test_by_default_the_provider_is_told_and_the_answer_says_that_it_confirmed(on: Stage) -> None:
    await saved(on)
    gone = await on.ok("DELETE", PLACE)
    assert gone["message"].endswith("GitHub has confirmed that they are revoked.")
    assert (await outcomes(on), await revoking(on)) == (["ok"], [])
    assert not await accepted(on)


async def test_who_does_not_wish_it_leaves_the_provider_alone(on: Stage) -> None:
    await saved(on)
    gone = await on.ok("DELETE", PLACE, params={"revoke": "false"})
    assert "revoked" not in gone["message"]
    assert (await outcomes(on), await revoking(on)) == ([], [])
    assert await accepted(on)


async def test_a_value_that_another_environment_uses_is_not_revoked(on: Stage) -> None:
    await saved(on, "staging")
    await saved(on, "production")
    gone = await on.ok("DELETE", PLACE, params={"environment": "staging"})
    assert "production uses the same value" in gone["message"]
    assert await accepted(on)
    gone = await on.ok("DELETE", PLACE, params={"environment": "production"})
    assert "has confirmed" in gone["message"]
    assert await outcomes(on) == ["in use", "ok"]
    assert not await accepted(on)


async def test_an_outage_is_shown_and_tried_on_until_the_provider_confirms(on: Stage) -> None:
    await saved(on, "staging")
    await on.script("github", **AWAY)
    gone = await on.ok("DELETE", PLACE, params={"environment": "staging"})
    assert "told again until it does" in gone["message"]
    await on.no("DELETE", PLACE, 404, "CREDENTIALS_NOT_FOUND", params={"environment": "staging"})
    for _ in range(2):
        [shown] = await revoking(on)
        assert (shown["environment"], "503" in shown["problem"]) == ("staging", True)
        await worked(on)
    assert await outcomes(on) == ["pending"]
    await on.script("github")
    await worked(on)
    assert (await outcomes(on), await revoking(on)) == (["pending", "ok"], [])
    assert await on.rows("SELECT count(*) FROM revocations") == [(0,)]
    assert not await accepted(on)


@pytest.mark.parametrize("word", ["maybe", "2", ""])
async def test_a_wish_that_is_neither_yes_nor_no_deletes_nothing(on: Stage, word: str) -> None:
    await saved(on)
    await on.no("DELETE", PLACE, 400, "INVALID_REQUEST", params={"revoke": word})
    assert await accepted(on)
    assert await outcomes(on) == []


BOT = {"botToken": BOT_TOKEN, "signingSecret": SIGNING_SECRET}


async def installed(on: Stage) -> str:
    return str((await on.ok("POST", "/slack/install", 201, json=BOT))["integrationId"])


async def test_uninstalling_slack_ends_the_bot_s_token_there(on: Stage) -> None:
    gone = await on.ok("DELETE", f"/{await installed(on)}/credentials")
    assert gone["message"] == (
        "The installation of Slack is removed for all environments. Slack has confirmed that they are revoked."
    )
    assert await outcomes(on) == ["ok"]
    await on.no("POST", "/slack/install", 400, "CREDENTIALS_REJECTED", json=BOT)


async def test_what_slack_has_not_confirmed_is_shown_with_the_catalogue_s_entry_and_tried_on(on: Stage) -> None:
    place = await installed(on)
    await on.script("slack", status=200, path="/auth.revoke", body={"ok": False, "error": "internal_error"})
    gone = await on.ok("DELETE", f"/{place}/credentials")
    assert gone["message"].endswith("Slack has not confirmed that they are revoked; it is told again until it does.")
    await on.no("GET", f"/{place}", 404, "INTEGRATION_NOT_FOUND")
    [entry] = (await on.ok("GET", "/credentials/status", params={"integrationId": "slack"}))["data"]
    [shown] = entry["revoking"]
    assert (shown["integrationId"], shown["environment"]) == (place, None)
    assert shown["problem"] == "Slack answered 200 (internal_error) when it was told to revoke."
    await on.script("slack")
    await worked(on)
    assert await outcomes(on) == ["pending", "ok"]
    assert await on.rows("SELECT count(*) FROM revocations") == [(0,)]
