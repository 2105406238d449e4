"""`moorings vectorize` and `moorings weaviate`: configurations are made, looked at, listed and deleted."""

import pytest

from moorings.cli.exits import Exit
from moorings.emulators.registry import all_emulators
from tests.cli.terminal import Terminal, sentence

VECTORIZE = dict(all_emulators()["vectorize"].credentials())
ACCOUNT = ["--account", VECTORIZE["accountId"], "--index", "articles"]
CREATE = ["vectorize", "create", "articles", *ACCOUNT, "--from", "-"]


def made(place: Terminal) -> str:
    found: str = place.json(*CREATE, "--no-verify", "--default", text=VECTORIZE["apiToken"])["id"]
    return found


def test_a_configuration_is_made_listed_and_deleted(place: Terminal) -> None:
    config = made(place)
    [found] = place.json("vectorize", "list")["data"]
    assert (found["id"], found["isDefault"], found["indexName"]) == (config, True, "articles")
    told = place.run("vectorize", "list").stdout
    assert "articles" in told
    assert VECTORIZE["apiToken"] not in told
    assert place.json("vectorize", "delete", config, "--yes")["success"]
    assert place.json("vectorize", "list")["total"] == 0


def test_a_token_that_is_refused_stores_nothing(place: Terminal) -> None:
    result = place.run(*CREATE, text="a-token-that-no-stand-in-accepts-000000000", code=Exit.PROVIDER)
    assert "✗" in result.stderr
    assert place.json("vectorize", "list")["total"] == 0


def test_a_configuration_that_works_is_told_so_and_one_that_does_not_is_a_failed_command(place: Terminal) -> None:
    assert "It works" in place.run("vectorize", "test", made(place)).stdout
    arguments = [*CREATE, "--no-verify"]
    arguments[arguments.index("articles", 3)] = "no-such-index"
    arguments[2] = "broken"
    config = place.json(*arguments, text=VECTORIZE["apiToken"])["id"]
    assert "index" in sentence(place.run("vectorize", "test", config, code=Exit.FAILED).stderr)


@pytest.mark.parametrize("command", ["test", "delete"])
@pytest.mark.parametrize("store", ["vectorize", "weaviate"])
def test_a_configuration_that_is_not_there_is_not_found(place: Terminal, store: str, command: str) -> None:
    more = ["--yes"] if command == "delete" else []
    place.run(store, command, "vec_00000000000000000000000000", *more, code=Exit.NOT_FOUND)


def test_a_weaviate_address_that_leads_nowhere_stores_nothing(place: Terminal) -> None:
    arguments = ["weaviate", "create", "mine", "--server", "https://127.0.0.1:9", "--anonymous"]
    place.run(*arguments, code={Exit.PROVIDER, Exit.WRONG_INPUT})
    assert place.json("weaviate", "list")["total"] == 0
    assert place.json(*arguments, "--no-verify")["name"] == "mine"
    [found] = place.json("weaviate", "list")["data"]
    place.json("weaviate", "delete", found["id"], "--yes")
