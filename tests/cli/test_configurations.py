"""`moorings vectorize` and `moorings weaviate`, on a data directory and on a server; a secret is no argument."""

import pytest

from moorings.emulators.vectorize.account import ACCOUNT, TOKEN
from moorings.emulators.weaviate.server import ADDRESS, KEY
from tests.cli.terminal import Terminal

SECRETS = {"vectorize": TOKEN, "weaviate": KEY}
TARGETS = {
    "vectorize": ("--account", ACCOUNT, "--index", "articles"),
    "weaviate": ("--server", ADDRESS.removeprefix("https://"), "--collection", "Article"),
}
KINDS = sorted(TARGETS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_configuration_is_made_listed_tested_and_deleted(place: Terminal, kind: str) -> None:
    assert "No configurations yet" in place.run(kind, "list").stdout
    made = place.json(kind, "create", "articles", *TARGETS[kind], "-e", "staging", "--from", "-", text=SECRETS[kind])
    assert (made["name"], made["environment"], made["status"], made["isDefault"]) == (
        "articles",
        "staging",
        "connected",
        True,
    )
    listed = place.run(kind, "list", "--environment", "staging")
    assert made["id"] in listed.stdout
    assert "connected" in listed.stdout
    assert SECRETS[kind] not in listed.output
    assert "It works" in place.run(kind, "test", made["id"]).stdout
    assert place.json(kind, "test", made["id"])["valid"]
    assert "deleted" in place.run(kind, "delete", made["id"], "--yes").stdout
    assert place.json(kind, "list")["data"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_does_not_work_is_not_stored(local: Terminal, kind: str) -> None:
    wrong = SECRETS[kind][:-1] + "9"
    refused = local.run(kind, "create", "articles", *TARGETS[kind], "--from", "-", text=wrong, code=5)
    assert wrong not in refused.output
    assert local.json(kind, "list")["data"] == []
    made = local.json(kind, "create", "articles", *TARGETS[kind], "--no-verify", "--from", "-", text=wrong)
    assert made["status"] == "unverified"
    tested = local.run(kind, "test", made["id"], code=1)
    assert "does not" in tested.output
    assert "failing" in local.run(kind, "list").stdout


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_given_as_an_argument_is_refused_and_not_repeated(local: Terminal, kind: str) -> None:
    result = local.run(kind, "create", "articles", SECRETS[kind], *TARGETS[kind], code=2)
    assert SECRETS[kind] not in result.output
    without = local.run(kind, "create", "articles", *TARGETS[kind], code=2)
    assert "no terminal" in without.output


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_there_is_said_so(local: Terminal, kind: str) -> None:
    prefix = {"vectorize": "vec", "weaviate": "wev"}[kind]
    for words in (("test",), ("delete", "--yes")):
        local.run(kind, *words, f"{prefix}_01kb0h6v3m8x2q4r5s6t7v8w9x", code=3)


def test_the_doctor_tells_which_one_fails(local: Terminal) -> None:
    wrong = KEY[:-1] + "9"
    made = local.json("weaviate", "create", "w", *TARGETS["weaviate"], "--no-verify", "--from", "-", text=wrong)
    local.run("weaviate", "test", made["id"], code=1)
    findings = local.json("doctor")["findings"]
    [found] = [finding for finding in findings if finding["check"] == "stored credentials"]
    assert made["id"] in found["message"]
    assert "does not accept this API key" in found["message"]
