"""A program of its own for tests: processes that die while they write a key file, or that write it at once.

    python key_file_processes.py dying|together <key file>

Prints one JSON value. It forks, and so must not run within the tests' own process, which has threads.
"""

import json
import os
import stat
import sys
from pathlib import Path

from moorings.vault.keyring import KeyFile

STEPS = ("open", "os.mkdir", "os.remove", "os.rename")
TOGETHER = 8


def dying(path: Path) -> list[dict[str, object]]:
    """End a process before each step of its rewrite in turn, and tell what every death left behind."""
    left: list[dict[str, object]] = []
    while not left or left[-1]["exit"] != 0:
        child = os.fork()
        if child == 0:
            _die_before_step(len(left))
            KeyFile(path).add()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        mode = stat.S_IMODE(path.stat().st_mode)
        left.append({"exit": os.waitstatus_to_exitcode(status), "keys": sorted(KeyFile(path).load()), "mode": mode})
    return left


def together(path: Path) -> list[str]:
    """Let several processes add a key in the same moment; the ids they were told."""
    begin, go = os.pipe()
    told, tell = os.pipe()
    for _ in range(TOGETHER):
        if os.fork() == 0:
            os.close(go)
            os.read(begin, 1)  # returns in all of them at once, when the last one with the other end lets go of it
            os.write(tell, KeyFile(path).add().encode() + b"\n")
            os._exit(0)
    os.close(go)
    for _ in range(TOGETHER):
        os.wait()
    os.close(tell)
    return os.read(told, 65_536).decode().split()


def _die_before_step(number: int) -> None:
    left = [number]

    def die(event: str, _arguments: tuple[object, ...]) -> None:
        if event in STEPS:
            if left[0] == 0:
                os._exit(9)
            left[0] -= 1

    sys.addaudithook(die)


if __name__ == "__main__":
    what, place = sys.argv[1:]
    found = dying(Path(place)) if what == "dying" else together(Path(place))
    sys.stdout.write(json.dumps(found))
