"""The floor of this machine: programs that do the least that an operation must, to be run beside the server's figures.

`floor.py commits SECONDS FOLDER` prints latencies as JSON; `floor.py asgi PORT` serves until it is terminated.
"""

import asyncio
import json
import secrets
import signal
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from granian.constants import Interfaces
from granian.server.embed import Server

SECRET = b'{"apiKey":"fc-0123456789abcdef0123456789abcdef"}'
ANSWER = b'{"data":[]}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]
NONCE_BYTES = 12

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def commits(seconds: float, folder: Path) -> list[int]:
    """Nanoseconds of each durable commit of one sealed row, one after the other."""
    database = sqlite3.connect(folder / f"{time.monotonic_ns()}.db", isolation_level=None)
    for setting in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {setting}")
    database.execute("CREATE TABLE sealed (id INTEGER PRIMARY KEY, value BLOB NOT NULL)")
    cipher = AESGCM(AESGCM.generate_key(256))
    taken, ends = [], time.perf_counter() + seconds
    while time.perf_counter() < ends:
        began = time.perf_counter_ns()
        _commit(database, cipher)
        taken.append(time.perf_counter_ns() - began)
    database.close()
    return taken


def _commit(database: sqlite3.Connection, cipher: AESGCM) -> None:
    nonce = secrets.token_bytes(NONCE_BYTES)
    value = nonce + cipher.encrypt(nonce, SECRET, b"context")
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO sealed (value) VALUES (?)", (value,))
    database.execute("COMMIT")


async def bare(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """An ASGI application that answers the same bytes to everything."""
    if scope["type"] == "http":
        if scope["method"] == "POST":
            await receive()  # a body that nobody has read ends the connection, and no provider's client would keep one
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": ANSWER, "more_body": False})


async def asgi(port: int) -> None:
    """Serve the bare application as the product serves its own."""
    server = Server(
        bare, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


def main() -> None:
    """Run the program that is named."""
    match sys.argv[1:]:
        case ["commits", seconds, folder]:
            json.dump(commits(float(seconds), Path(folder)), sys.stdout)
        case ["asgi", port]:
            asyncio.run(asgi(int(port)))
        case _:
            sys.exit("floor.py commits SECONDS FOLDER, or floor.py asgi PORT")


if __name__ == "__main__":
    main()
