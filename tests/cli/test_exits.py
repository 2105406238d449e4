"""Exit codes, each shown once and documented; failures are a sentence on standard error."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from moorings import app
from moorings.cli.exits import Exit
from moorings.cli.wording import for_commands
from moorings.domain.caller import Scope
from moorings.services.api_keys import KeyWish
from moorings.services.owners import administrator
from moorings.settings import load
from tests.cli.terminal import FIRECRAWL_KEY, REFUSED_KEY, Terminal, sentence
from tests.serving.process import Server, environment, run

CLOSED = "http://127.0.0.1:9"
SAVE = ["credentials", "save", "firecrawl", "--from", "-"]


def test_0_done(place: Terminal) -> None:
    assert place.run("integrations", "list", code=Exit.DONE).stderr == ""


def test_1_failed() -> None:
    result = Terminal("nowhere").run("integrations", "list", "--url", CLOSED, code=Exit.FAILED, api_key="a-key")
    assert CLOSED in sentence(result.stderr)


def test_2_wrong_input(place: Terminal) -> None:
    result = place.run("integrations", "list", "--environment", "prod", code=Exit.WRONG_INPUT)
    assert "development, staging, production" in sentence(result.stderr)


def test_3_not_found(place: Terminal) -> None:
    place.run("integrations", "show", "no-such-thing", code=Exit.NOT_FOUND)


def test_4_not_allowed(remote: Terminal) -> None:
    remote.run("integrations", "list", code=Exit.NOT_ALLOWED, api_key="mrg_unknown")


def test_5_the_provider_refused(place: Terminal) -> None:
    result = place.run(*SAVE, text=REFUSED_KEY, code=Exit.PROVIDER)
    assert "Firecrawl does not accept" in sentence(result.stderr)


def test_5_the_provider_could_not_be_asked(local: Terminal) -> None:
    upstreams = f'{{"firecrawl": "{CLOSED}"}}'
    local.run(*SAVE, text=FIRECRAWL_KEY, code=Exit.PROVIDER, upstreams=upstreams)


def test_5_the_provider_was_too_slow(local: Terminal, live: Server) -> None:
    script = f"{live.stand_ins}/__control/tavily"
    httpx2.put(script, json={"delayMs": 2_000}, trust_env=False).raise_for_status()
    try:
        arguments = ["credentials", "save", "tavily", "--from", "-"]
        local.run(*arguments, text="tvly-some-key-of-a-team", code=Exit.PROVIDER, provider_timeout="0.2")
    finally:
        httpx2.delete(script, trust_env=False)


def test_6_a_setting_is_wrong(local: Terminal) -> None:
    result = local.run("integrations", "list", code=Exit.CONFIGURATION, port="many")
    assert "MOORINGS_PORT" in result.stderr


def test_6_a_remote_server_without_a_key_is_a_missing_setting(live: Server) -> None:
    result = Terminal("keyless").run("integrations", "list", "--url", live.address, code=Exit.CONFIGURATION)
    assert "MOORINGS_API_KEY" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["integrations", "list", "--category", "nonsense"], Exit.WRONG_INPUT),
        (["credentials", "status", "--environment", "prod"], Exit.WRONG_INPUT),
        (["credentials", "delete", "firecrawl", "--yes"], Exit.NOT_FOUND),
        (["credentials", "delete", "no-such-thing", "--yes"], Exit.NOT_FOUND),
        (["credentials", "delete", "../../v1/health", "--yes"], Exit.NOT_FOUND),
        (["integrations", "show", "a/b?c=d#e"], Exit.NOT_FOUND),
        (["keys", "create", "a key", "--scope", "EVERYTHING"], Exit.WRONG_INPUT),
        (["keys", "create", "a key", "--network", "10.0.0.1/8"], Exit.WRONG_INPUT),
        (["keys", "create", "a key", "--environment", "prod"], Exit.WRONG_INPUT),
        (["keys", "create", ""], Exit.WRONG_INPUT),
        (["keys", "create", "a key", "--days", "0"], Exit.WRONG_INPUT),
        (["keys", "create", "a key", "--days", "99999999"], Exit.WRONG_INPUT),
        (["keys", "revoke", "key_00000000000000000000000000"], Exit.NOT_FOUND),
        (["keys", "revoke", "not an id"], Exit.NOT_FOUND),
        (["keys"], Exit.WRONG_INPUT),
        (["no-such-command"], Exit.WRONG_INPUT),
    ],
)
def test_the_code_tells_what_kind_of_failure_it_was(place: Terminal, arguments: list[str], code: Exit) -> None:
    place.run(*arguments, code=code)


@pytest.mark.parametrize(
    "arguments",
    [["integrations", "list", "--owner", "nobody"], ["keys", "create", "a key", "--owner", "nobody"]],
)
def test_an_unknown_owner_is_not_found(local: Terminal, arguments: list[str]) -> None:
    assert "moorings owners list" in sentence(local.run(*arguments, code=Exit.NOT_FOUND).stderr)


@pytest.mark.parametrize("name", ["", " ", "a" * 201, "line\nbreak", "\x1b[31mred"])
def test_a_name_that_is_none_makes_no_owner(local: Terminal, name: str) -> None:
    local.run("owners", "create", name, code=Exit.WRONG_INPUT)
    assert local.json("owners", "list")["total"] == 1


def test_what_answers_and_is_no_server_of_ours_is_told(live: Server) -> None:
    address = f"{live.stand_ins}/firecrawl/"
    httpx2.put(f"{live.stand_ins}/__control/firecrawl", json={"garbage": True, "times": 1}, trust_env=False)
    stranger = Terminal("stranger", {"MOORINGS_URL": address, "MOORINGS_API_KEY": "a-key"})
    assert "is not a Moorings server" in sentence(stranger.run("integrations", "list", code=Exit.FAILED).stderr)


@pytest.mark.parametrize(
    "url", ["not an address", "ftp://127.0.0.1", "http://", "http://127.0.0.1:port", "http://[::1"]
)
def test_an_address_that_is_none_is_told_in_a_sentence(url: str) -> None:
    Terminal("odd", {"MOORINGS_URL": url, "MOORINGS_API_KEY": "a-key"}).run("integrations", "list", code=Exit.FAILED)


def test_a_data_directory_that_is_a_file_is_told_in_a_sentence(local: Terminal, tmp_path: object) -> None:
    result = local.run("integrations", "list", code=Exit.CONFIGURATION, data_dir=__file__)
    assert "MOORINGS_DATA_DIR" in result.stderr or "data directory" in result.stderr


def test_the_process_ends_with_the_same_code(data: Path) -> None:
    """The codes above are of the runner; this is the shell's."""
    ended = run("integrations", "show", "no-such-thing", "--data-dir", data)
    assert ended.returncode == Exit.NOT_FOUND
    assert ended.stdout == ""
    assert run("--version").stdout.startswith("moorings ")


def test_the_help_names_every_exit_code() -> None:
    told = sentence(Terminal("help").run("--help").stdout)
    for code, meaning in enumerate(
        ["done", "failed", "wrong input", "not found", "not allowed", "the provider refused", "a setting is wrong"]
    ):
        assert f"{code} {meaning}" in told
    assert [int(code) for code in Exit] == list(range(7))


def test_a_closed_pipe_is_no_failure(local: Terminal) -> None:
    """`moorings integrations list | head -1` must not end in a trace."""
    line = f"{sys.executable} -m moorings integrations list --data-dir {local.variables['MOORINGS_DATA_DIR']} | head -1"
    ended = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert "Traceback" not in ended.stderr
    assert "Error" not in ended.stderr


def test_an_export_into_a_closed_pipe_is_no_failure(data: Path) -> None:
    """`moorings audit export | head -1`, with more to tell than a pipe holds."""

    async def fill() -> None:
        async with app.running(load(data_dir=data)) as running:
            admin = administrator((await running.hub.owners.first())[0])
            wishes = [KeyWish(f"key {number}", frozenset({Scope.READ})) for number in range(600)]
            await asyncio.gather(*(running.hub.api_keys.create(admin, wish) for wish in wishes))

    asyncio.run(fill())
    line = f"{sys.executable} -m moorings audit export --data-dir {data} | head -1"
    ended = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert ended.stderr == ""
    assert len(ended.stdout.splitlines()) == 1


def test_a_failing_provider_is_told_once(data: Path) -> None:
    variables = environment(data_dir=str(data), upstreams=f'{{"firecrawl": "{CLOSED}"}}')
    ended = run(*SAVE, variables=variables, input=FIRECRAWL_KEY)
    assert ended.returncode == Exit.PROVIDER
    assert len(ended.stderr.splitlines()) == 1, ended.stderr


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("GET /v1/api-keys lists them.", "`moorings keys list` lists them."),
        ("GET /v1/integrations lists them.", "`moorings integrations list` lists them."),
        ("GET /v1/integrations/slack lists them.", "`moorings integrations show slack` lists them."),
        ("GET /v1/integrations/exa/tools lists them.", "`moorings tools list --integration exa` lists them."),
        ("again: GET /v1/integrations/slack/connect.", "again: `moorings slack connect`."),
        ("GET /v1/something-new lists them.", "GET /v1/something-new lists them."),
    ],
)
def test_a_call_that_the_server_names_is_told_as_a_command(said: str, told: str) -> None:
    assert for_commands(said) == told


def test_whoever_types_commands_is_told_commands(place: Terminal) -> None:
    for arguments in (["keys", "revoke", "key_00000000000000000000000000"], ["integrations", "show", "nothing"],
                      ["weaviate", "test", "wev_00000000000000000000000000"]):  # fmt: skip
        told = place.run(*arguments, code=Exit.NOT_FOUND).stderr
        assert "`moorings " in told
        assert "GET " not in told
