"""Where a server listens, and who may keep it from that."""

import os
import socket
import sys

import pytest

from moorings.errors import ConfigurationError
from moorings.serving.address import alone_on, free_port

PORT = 20_000 + os.getpid() % 30_000
"""A name alone: nothing listens there, and no other process of the tests takes the same."""

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")


@on_linux
def test_of_two_servers_on_one_address_one_is_refused() -> None:
    with alone_on("127.0.0.1", PORT):
        with pytest.raises(ConfigurationError, match="Another Moorings server"), alone_on("127.0.0.1", PORT):
            pass
        with alone_on("127.0.0.2", PORT):
            pass
    with alone_on("127.0.0.1", PORT):
        pass


@on_linux
@pytest.mark.parametrize("name", [f"\0moorings:{PORT}", f"\0moorings:127.0.0.1:{PORT}"], ids=["port", "address"])
def test_whoever_takes_the_name_alone_keeps_no_server_from_starting(name: str) -> None:
    with socket.socket(socket.AF_UNIX) as squatter:
        squatter.bind(name)
        with alone_on("127.0.0.1", PORT):
            pass


@on_linux
def test_neither_does_another_user_who_listens_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with alone_on("127.0.0.1", PORT):
        monkeypatch.setattr(os, "geteuid", lambda: 65_534)
        with alone_on("127.0.0.1", PORT):
            pass


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-host.invalid"])
def test_an_address_that_is_not_this_machines_is_told_apart_from_a_port_that_is_taken(host: str) -> None:
    with pytest.raises(ConfigurationError, match="--host"):
        free_port(host, 0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigurationError, match="--port"):
            free_port("127.0.0.1", taken.getsockname()[1])
