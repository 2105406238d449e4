"""Importing Moorings does nothing: no socket, no file, no thread, and nothing heavy that is not needed."""

import json
import subprocess
import sys
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest

import moorings
from tests.serving.process import PATIENCE, environment

HEAVY = (
    "sqlalchemy", "alembic", "psycopg", "starlette", "pydantic", "granian", "cryptography", "httpx2",
    "jmespath", "typer", "rich", "asyncio",
)  # fmt: skip

# Alembic runs these itself; outside of a migration they mean nothing.
OF_ALEMBIC = "moorings.store.migrations."
# Loaded only where jobs run on Procrastinate, a part of which asks a program of the system about the interpreter.
ON_DEMAND = "moorings.jobs.procrastinate_worker"

WATCHED = """
import json, os, sys, threading

done = []

def watch(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system")) and event != "socket.__new__":
        done.append(event)
    elif event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        done.append(f"open {arguments[0]}")
    elif event in ("os.mkdir", "os.remove", "os.rename", "sqlite3.connect", "os.fork"):
        done.append(f"{event} {arguments[:1]}")

def start(thread, begin=threading.Thread.start):
    done.append("thread")  # Python tells an audit hook of threads only from 3.12 on
    begin(thread)

threading.Thread.start = start
sys.dont_write_bytecode = True
sys.addaudithook(watch)
for name in sys.argv[1:]:
    __import__(name)
print(json.dumps({"done": done, "modules": sorted(sys.modules), "threads": threading.active_count()}))
"""

COMMAND = """
import json, sys
from moorings.__main__ import main
sys.argv = ["moorings", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
print("\\n" + json.dumps(sorted(sys.modules)))
"""


SERVED = """
import asyncio, json, sys
from moorings import app, settings
from moorings.serving import process
from moorings import __main__

async def serve():
    async with app.running(settings.load()) as running:
        process._application(settings.load(), running.hub, None)
        print("\\n" + json.dumps(sorted(sys.modules)))

asyncio.run(serve())
"""


def _modules() -> list[str]:
    found = [module.name for module in walk_packages(moorings.__path__, "moorings.")]
    return [name for name in found if not name.startswith(OF_ALEMBIC) and name != ON_DEMAND]


STARTED = """
import asyncio, json, sys
from moorings import app, settings
async def start():
    async with app.running(settings.load()):
        pass
asyncio.run(start())
print(json.dumps(sorted(sys.modules)))
"""


def _python(program: str, *arguments: str, folder: Path) -> Any:
    """What a fresh interpreter says at its end."""
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, cwd=folder,
        env=environment(data_dir=str(folder / "data")), timeout=PATIENCE,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def test_every_module_can_be_imported_and_none_does_anything(tmp_path: Path) -> None:
    modules = _modules()
    assert len(modules) > 80
    told = _python(WATCHED, *modules, folder=tmp_path)
    assert told["done"] == []
    assert told["threads"] == 1
    assert list(tmp_path.iterdir()) == []


def test_the_watch_sees_what_a_module_must_not_do(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(
        "import socket, threading, pathlib\n"
        "socket.socket().bind(('127.0.0.1', 0))\n"
        "pathlib.Path('made').touch()\n"
        "threading.Thread(target=int).start()\n"
    )
    told = _python(f"import sys; sys.path.insert(0, '.')\n{WATCHED}", "wrong", folder=tmp_path)
    assert {entry.split()[0] for entry in told["done"]} >= {"socket.bind", "open", "thread"}


def test_the_package_itself_loads_nothing_heavy(tmp_path: Path) -> None:
    told = _python(WATCHED, "moorings", folder=tmp_path)
    assert set(HEAVY) & set(told["modules"]) == set()
    assert [name for name in told["modules"] if name.startswith("moorings.")] == []


def test_the_domain_knows_no_library(tmp_path: Path) -> None:
    told = _python(WATCHED, *(name for name in _modules() if name.startswith("moorings.domain")), folder=tmp_path)
    assert set(HEAVY) & set(told["modules"]) == set()


@pytest.mark.parametrize("arguments", [["--help"], ["keys", "create", "--help"]])
def test_help_does_not_wait_for_a_database_driver_or_a_web_framework(tmp_path: Path, arguments: list[str]) -> None:
    loaded = set(_python(COMMAND, *arguments, folder=tmp_path))
    assert {"sqlalchemy", "starlette", "alembic", "psycopg", "granian", "cryptography"} & loaded == set()


def test_neither_a_first_start_nor_a_later_one_loads_the_migrations(tmp_path: Path) -> None:
    for program in (STARTED, COMMAND):
        loaded = set(_python(program, "owners", "list", folder=tmp_path))
        assert {"alembic", "psycopg", "granian"} & loaded == set()


def test_a_server_on_sqlite_holds_nothing_of_what_it_may_never_need(tmp_path: Path) -> None:
    """Each of these takes 2 to 20 MiB; a tool, a call to MCP, an issuer or another database loads its own."""
    loaded = set(_python(SERVED, folder=tmp_path))
    assert {"moorings.http.application", "granian"} <= loaded
    assert {
        "sqlalchemy.dialects.postgresql", "psycopg", "alembic", "jsonschema_rs", "jwt", "mcp", "opentelemetry", "rich",
        "moorings.emulators.server", "segno", "procrastinate",
    } & loaded == set()  # fmt: skip
