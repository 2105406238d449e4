"""Secrets are asked for without echo or read from a file; never taken from an argument, and never printed."""

import json
import os
import pty
import subprocess
import termios
import time
from pathlib import Path
from typing import Any

import pytest
import typer

from moorings.cli.main import app
from tests.cli.terminal import FIRECRAWL_KEY, REFUSED_KEY, Terminal, sentence
from tests.serving.process import PATIENCE, command, environment

pytestmark = pytest.mark.slow

MARK = "Zq7Hx2Lm9Vb4"
SECRET = f"fc-{MARK}Kt8Rn3Wc6Yd1"

# Every parameter of every command under `credentials`; none of them takes a value that could be a secret of a provider.
OF_CREDENTIALS = {
    "integration", "--environment", "-e", "--from", "--verify", "--all", "--yes", "-y", "--json", "--url", "--api-key",
    "--data-dir", "--owner", "--help", "--revoke",
}  # fmt: skip
SUSPICIOUS = ("secret", "token", "password", "credential", "value", "field", "key")


def _commands(command: Any, name: str = "moorings") -> list[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        return [(name, command)]
    return [found for part, inner in below.items() for found in _commands(inner, f"{name} {part}")]


def test_no_command_takes_a_secret_as_an_argument() -> None:
    """Only the key for the server itself may be an option, beside its variable."""
    commands = _commands(typer.main.get_command(app))
    assert len(commands) >= 14
    for name, found in commands:
        options = {option for parameter in found.params for option in parameter.opts}
        odd = {option for option in options - {"--api-key"} if any(word in option for word in SUSPICIOUS)}
        assert odd <= ({"key"} if name in ("moorings keys revoke", "moorings keys rotate") else set()), name
        if name.startswith("moorings credentials"):
            assert options <= OF_CREDENTIALS, name


def test_a_secret_given_as_an_argument_is_refused_and_not_repeated(local: Terminal) -> None:
    result = local.run("credentials", "save", "firecrawl", SECRET, code=2)
    assert MARK not in result.output
    assert local.json("credentials", "status")["data"] == []


@pytest.mark.parametrize("text", [FIRECRAWL_KEY, f"{FIRECRAWL_KEY}\n", f"  {FIRECRAWL_KEY}\r\n"])
def test_the_bare_value_of_the_one_required_field_is_read_from_standard_input(place: Terminal, text: str) -> None:
    place.run("credentials", "save", "firecrawl", "--from", "-", text=text)
    assert place.json("credentials", "status")["data"][0]["status"] == "valid"


def test_a_json_object_is_read_from_standard_input(place: Terminal) -> None:
    text = json.dumps({"apiKey": FIRECRAWL_KEY}, indent=2)
    place.run("credentials", "save", "firecrawl", "--from", "-", text=text)
    assert place.json("credentials", "status")["data"][0]["status"] == "valid"


@pytest.mark.parametrize("text", [FIRECRAWL_KEY, json.dumps({"apiKey": FIRECRAWL_KEY})])
def test_either_is_read_from_a_file(place: Terminal, tmp_path: Path, text: str) -> None:
    file = tmp_path / "a secret.txt"
    file.write_text(text)
    place.run("credentials", "save", "firecrawl", "--from", str(file))
    assert place.json("credentials", "status")["data"][0]["status"] == "valid"


def test_a_save_prints_neither_the_secret_nor_a_part_of_it(place: Terminal) -> None:
    result = place.run("credentials", "save", "firecrawl", "--no-verify", "--from", "-", text=SECRET)
    assert MARK not in result.output
    for arguments in (
        ["credentials", "status"],
        ["credentials", "status", "--json"],
        ["integrations", "show", "firecrawl"],
    ):
        assert MARK not in place.run(*arguments).output


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (REFUSED_KEY, 5),
        (f"{MARK} that does not have the form", 2),
        (json.dumps({"apiKey": f"{MARK} does not fit"}), 2),
        (json.dumps({"apiKey": FIRECRAWL_KEY, f"{MARK}1": "unknown"}), 2),
        (json.dumps({"wrong": SECRET}), 2),
        (json.dumps({"apiKey": [SECRET]}), 2),
        (json.dumps({"apiKey": None}), 2),
        (f'{{"apiKey": "{SECRET}"', 2),
        (f"{{{SECRET}}}", 2),
        ("", 2),
        ("{}", 2),
        ("\n\n", 2),
        (f"fc-{MARK}\nfc-{MARK}", 2),
        (f"fc-{MARK}\x00", 2),
        ("fc-" + "a" * 20_000, 2),
    ],
)
def test_a_value_that_is_refused_is_not_repeated_and_nothing_is_stored(place: Terminal, text: str, code: int) -> None:
    result = place.run("credentials", "save", "firecrawl", "--from", "-", text=text, code=code)
    assert MARK not in result.output
    assert "Zq7" not in result.output
    assert result.stdout == ""
    assert place.json("credentials", "status")["data"] == []


def test_bytes_that_are_no_text_are_refused_in_a_sentence(local: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "binary"
    file.write_bytes(b"fc-\xff\xfe" + MARK.encode())
    result = local.run("credentials", "save", "firecrawl", "--from", str(file), code=2)
    assert "cannot be read" in result.stderr
    piped = subprocess.run(  # noqa: S603 - our own command
        command("credentials", "save", "firecrawl", "--from", "-"), input=file.read_bytes(), capture_output=True,
        env={**environment(), **local.variables}, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert piped.returncode == 2
    assert b"Traceback" not in piped.stderr
    assert MARK.encode() not in piped.stdout + piped.stderr


@pytest.mark.parametrize("name", ["no/such/file", "."])
def test_a_file_that_cannot_be_read_is_named(local: Terminal, name: str) -> None:
    result = local.run("credentials", "save", "firecrawl", "--from", name, code=2)
    assert f"{name} cannot be read" in sentence(result.stderr)


def test_without_a_terminal_the_way_to_give_values_is_told(local: Terminal) -> None:
    result = local.run("credentials", "save", "firecrawl", code=2, text=SECRET)
    assert "--from" in result.stderr
    assert MARK not in result.output


def test_several_fields_want_a_json_object(local: Terminal, tmp_path: Path) -> None:
    fields = 'name = "user"\nlabel = "User"\ndescription = "Who you are."\nsecret = false\nrequired = true\n'
    _manifest(tmp_path / "own" / "acme", extra=f"[[fields]]\n{fields}")
    result = local.run("credentials", "save", "acme", "--from", "-", code=2, text=SECRET, catalogue_dir="own")
    assert "apiKey, user" in result.stderr
    text = json.dumps({"apiKey": SECRET, "user": "me"})
    local.run("credentials", "save", "acme", "--from", "-", text=text, catalogue_dir="own")


def test_a_terminal_is_asked_without_echo(local: Terminal, tmp_path: Path) -> None:
    shown = _at_a_terminal(local, ["credentials", "save", "firecrawl", "--no-verify"], SECRET)
    assert "Firecrawl API key" in shown
    assert "are stored" in shown
    assert MARK not in shown
    assert local.json("credentials", "status")["data"][0]["fields"]["apiKey"]["preview"] == f"fc-…{SECRET[-4:]}"


def test_at_a_terminal_the_end_of_input_ends_the_command_and_stores_nothing(local: Terminal) -> None:
    shown = _at_a_terminal(local, ["credentials", "save", "firecrawl", "--no-verify"], "\x04", code=1)
    assert "Traceback" not in shown
    assert local.json("credentials", "status")["data"] == []


def test_deleting_asks_first_and_no_is_no(local: Terminal) -> None:
    local.save("--no-verify")
    for answer in ("n\n", "\n", ""):
        local.run("credentials", "delete", "firecrawl", code=1, text=answer)
    assert len(local.json("credentials", "status")["data"]) == 1
    result = local.run("credentials", "delete", "firecrawl", text="y\n")
    assert "for good" in result.stderr
    assert local.json("credentials", "status")["data"] == []


def test_a_secret_reaches_no_trace_when_the_server_cannot_be_asked() -> None:
    nowhere = Terminal("nowhere", {"MOORINGS_URL": "http://127.0.0.1:9", "MOORINGS_API_KEY": SECRET})
    assert MARK not in nowhere.run("credentials", "save", "firecrawl", "--from", "-", text=SECRET, code=1).output


@pytest.mark.parametrize("key", [f"mrg_…{MARK}", f"{MARK}\r\nX-Other: header", f"{MARK}\n", " "])
def test_a_key_that_no_header_can_carry_is_told_in_a_sentence_and_not_repeated(live: Any, key: str) -> None:
    terminal = Terminal("odd", {"MOORINGS_URL": live.address, "MOORINGS_API_KEY": key})
    result = terminal.run("integrations", "list", code={2, 4, 6})
    assert MARK not in result.output
    assert "key" in result.stderr


def _at_a_terminal(local: Terminal, arguments: list[str], typed: str, code: int = 0) -> str:
    """Everything that a person sees who types this once the terminal has stopped showing what is typed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own command
        command(*arguments), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env={**environment(), **local.variables},
    )  # fmt: skip
    try:
        until = time.monotonic() + PATIENCE
        while termios.tcgetattr(theirs)[3] & termios.ECHO:
            assert process.poll() is None, "it ended without a question"
            assert time.monotonic() < until, "it does not ask"
            time.sleep(0.02)
        os.write(ours, typed.encode() + b"\n")
        ended = process.wait(PATIENCE)
        os.set_blocking(ours, False)
        shown = os.read(ours, 65_536).decode()
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)
    assert ended == code, shown
    return shown


def _manifest(folder: Path, extra: str = "") -> None:
    folder.mkdir(parents=True)
    (folder / "manifest.toml").write_text(
        f"""
        schema = 1
        id = "{folder.name}"
        name = "Acme"
        description = "Something of our own."
        category = "search"
        documentation_url = "https://acme.example"
        base_url = "https://api.acme.example"
        hosts = ["api.acme.example"]
        source = "https://acme.example/docs"
        [auth]
        type = "bearer"
        headers = {{ Authorization = "Bearer {{fields.apiKey}}" }}
        [[fields]]
        name = "apiKey"
        label = "API key"
        description = "The key."
        secret = true
        required = true
        {extra}
        [revoke]
        supported = false
        how = "Ask Acme."
        """
    )
