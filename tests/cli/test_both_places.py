"""Every command that speaks the API says the same of the local data directory as of a server by its address."""

import re
from typing import Any

from tests.cli.terminal import FIRECRAWL_KEY, Terminal
from tests.serving.process import Server

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
IDENTITY = re.compile(r"\b(key|intg|org|req)_[0-9a-z]{26}\b")


def _story(terminal: Terminal) -> dict[str, Any]:
    """What a newcomer does, command by command."""
    told = {
        "list": terminal.json("integrations", "list"),
        "category": terminal.json("integrations", "list", "--category", "search"),
        "search": terminal.json("integrations", "list", "--search", "E-MAIL"),
        "show": terminal.json("integrations", "show", "firecrawl"),
        "nothing held": terminal.json("credentials", "status"),
        "save": terminal.save("--environment", "production"),
        "save for all": terminal.save("--no-verify"),
        "status": terminal.json("credentials", "status"),
        "in production": terminal.json("credentials", "status", "--environment", "production"),
        "in staging": terminal.json("credentials", "status", "--environment", "staging", "--all"),
        "connected": terminal.json("integrations", "list", "--environment", "production"),
        "delete": terminal.json("credentials", "delete", "firecrawl", "-e", "production", "--yes"),
        "afterwards": terminal.json("credentials", "status", "--environment", "production"),
        "key": terminal.json("keys", "create", "reader", "-s", "INTEGRATIONS:READ", "-e", "staging", "--days", "3",
                             "--network", "10.0.0.0/8"),
    }  # fmt: skip
    told["revoke"] = terminal.json("keys", "revoke", told["key"]["id"])
    told["keys"] = [key for key in terminal.json("keys", "list")["data"] if key["name"] == "reader"]
    return told


def test_each_command_prints_the_same_json_for_both(local: Terminal, remote: Terminal) -> None:
    here, there = _story(local), _story(remote)
    for part in here:
        assert _timeless(here[part]) == _timeless(there[part]), part


def test_what_was_saved_is_shown_with_the_entry_that_answers(place: Terminal) -> None:
    saved = place.save("--environment", "production")
    assert (saved["success"], saved["integrationId"], saved["environment"]) == (True, "firecrawl", "production")
    assert saved["verifiedAt"] is not None
    place.save("--no-verify")
    [entry] = place.json("credentials", "status", "--environment", "production")["data"]
    assert (entry["source"], entry["status"], entry["environments"]) == ("environment", "valid", [None, "production"])
    [entry] = place.json("credentials", "status", "--environment", "staging")["data"]
    assert (entry["source"], entry["status"]) == ("all", "unverified")
    assert FIRECRAWL_KEY not in str(entry)


def test_without_all_only_what_is_configured_is_listed(place: Terminal) -> None:
    place.save()
    assert [entry["integrationId"] for entry in place.json("credentials", "status")["data"]] == ["firecrawl"]
    every = {entry["integrationId"] for entry in place.json("credentials", "status", "--all")["data"]}
    assert every >= {"firecrawl", "exa", "slack"}


def test_deleting_removes_the_one_entry_and_no_other(place: Terminal) -> None:
    place.save()
    place.save("--environment", "production")
    answer = place.json("credentials", "delete", "firecrawl", "--environment", "production", "--yes")
    assert answer["environment"] == "production"
    [entry] = place.json("credentials", "status", "--environment", "production")["data"]
    assert entry["source"] == "all"


def test_a_key_is_shown_once_and_works_until_it_is_revoked(remote: Terminal) -> None:
    made = remote.json("keys", "create", "agents", "--scope", "INTEGRATIONS:READ", "--environment", "production")
    assert made["key"] not in remote.run("keys", "list", "--json").stdout
    narrow = Terminal("narrow", {**remote.variables, "MOORINGS_API_KEY": made["key"]})
    assert narrow.json("integrations", "list")["total"] > 0
    narrow.run("keys", "list", code=4)
    narrow.run("credentials", "delete", "firecrawl", "--yes", code=4)
    assert remote.json("keys", "revoke", made["id"])["success"] is True
    narrow.run("integrations", "list", code=4)


def test_an_installation_is_addressed_by_its_id(place: Terminal) -> None:
    shown = place.json("integrations", "show", "firecrawl")
    assert shown["installations"] == []
    place.run("integrations", "show", "intg_00000000000000000000000000", code=3)


def test_owners_see_nothing_of_one_another(local: Terminal) -> None:
    local.run("owners", "create", "acme")
    local.save()
    assert local.json("credentials", "status", "--owner", "acme")["data"] == []
    local.save("--owner", "acme", "--environment", "staging")
    assert local.json("credentials", "status")["data"][0]["environments"] == [None]
    [owner] = [owner for owner in local.json("owners", "list")["data"] if owner["name"] == "acme"]
    assert local.json("credentials", "status", "--owner", owner["id"])["data"][0]["environments"] == ["staging"]


def test_the_first_owner_is_there_from_the_start_and_the_list_begins_with_it(local: Terminal) -> None:
    made = local.json("owners", "create", "acme")
    listed = local.json("owners", "list")
    assert listed["total"] == 2
    assert [owner["name"] for owner in listed["data"]] == ["default", "acme"]
    assert made in listed["data"]
    local.run("owners", "create", "acme", code=1)


def test_what_the_command_line_changes_beside_it_a_running_server_sees_at_once(remote: Terminal, live: Server) -> None:
    beside = Terminal("beside", {"MOORINGS_DATA_DIR": str(live.folder / "data")})
    beside.run("owners", "create", "beside")
    made = beside.json("keys", "create", "a key", "--owner", "beside")
    server = Terminal("server", {**remote.variables, "MOORINGS_API_KEY": made["key"]})
    assert server.json("credentials", "status")["data"] == []
    beside.save("--no-verify", "--owner", "beside")
    assert [entry["integrationId"] for entry in server.json("credentials", "status")["data"]] == ["firecrawl"]
    beside.json("keys", "revoke", made["id"], "--owner", "beside")
    server.run("credentials", "status", code=4)


def _timeless(told: Any) -> Any:
    """The same without moments, ids and keys that no two runs share."""
    if isinstance(told, dict):
        return {name: "…" if name in {"key", "preview"} else _timeless(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_timeless(value) for value in told]
    return IDENTITY.sub("id", MOMENT.sub("moment", told)) if isinstance(told, str) else told


def test_a_key_is_rotated_and_the_list_tells_when_one_was_used(place: Terminal) -> None:
    made = place.json("keys", "create", "pipeline", "--scope", "INTEGRATIONS:READ")
    anew = place.json("keys", "rotate", made["id"], "--grace", "60")
    assert (anew["previousId"], anew["name"]) == (made["id"], "pipeline")
    assert anew["key"] != made["key"]
    said = place.run("keys", "rotate", anew["id"]).stdout
    assert "mrg_" in said
    assert "works until" in said
    assert len(place.json("keys", "list")["data"]) >= 3
