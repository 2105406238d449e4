"""Where a server listens: a port that is free, and that no other server is about to take."""

import errno
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from moorings.errors import ConfigurationError

LOOPBACK = "127.0.0.1"


def address_of(host: str, port: int) -> str:
    """A URL that can be pasted; IPv6 addresses stand in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def free_port(host: str, port: int, setting: str = "--port") -> int:
    """The port, or a free one for 0; raises `ConfigurationError` when another program listens there.

    The server's own socket is shared between processes (SO_REUSEPORT), so that a second server on the same port would
    not fail but quietly take half of the calls.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            found: int = probe.getsockname()[1]
            return found
    except OSError as error:
        way = "Choose another by --host" if _is_of_the_host(error) else f"Choose another by {setting}"
        raise ConfigurationError(
            f"Cannot listen on {host} port {port}: {error.strerror or 'no address'}. {way}."
        ) from None


def _is_of_the_host(error: OSError) -> bool:
    """Whether this machine lacks the address, and not the port."""
    return isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL


@contextmanager
def alone_on(host: str, port: int) -> Iterator[None]:
    """Holds a name of this machine for as long as the server runs: of two that start at once, one is refused.

    Only a process of the same user could share the port; a name that somebody else has taken keeps no server from
    starting.
    """
    if sys.platform != "linux":
        yield
        return
    with socket.socket(socket.AF_UNIX) as claim:
        name = f"\0moorings:{host}:{port}"
        try:
            claim.bind(name)
            claim.listen(1)
        except OSError:
            if _holder(name) == os.geteuid():
                raise ConfigurationError(
                    f"Another Moorings server is starting on {host} port {port}. Choose another with --port."
                ) from None
        yield


def _holder(name: str) -> int | None:
    """The user whose process holds the name; None where it does not listen there, as a server of ours does."""
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(name)
        except OSError:
            return None
        _, user, _ = struct.unpack(
            "3i", asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        )
        return int(user)
