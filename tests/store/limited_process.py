"""A program of its own for tests: it saves until the operating system lets its files grow no more.

    python limited_process.py <folder>

Prints as JSON what was refused, whether anything answered was lost, and whether it went on when there was room again.
"""

import asyncio
import json
import resource
import sys
from pathlib import Path

from moorings.errors import MooringsError
from moorings.store import changes
from moorings.store.opening import open_database

ROOM = 300_000
PADDING = "x" * 4_000
Told = dict[str, object]


async def told_of(folder: Path) -> Told:
    """Save, fill, read, make room, save."""
    database = open_database(None, folder)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY))
    saved, refused = [], set()
    for number in range(150):
        topic = f"{number} {PADDING}"
        try:
            await database.write(changes.announce, topic)
            saved.append(topic)
        except MooringsError as error:
            refused.add(error.code)
    lost = [topic for topic in saved if await database.read(changes.number, topic) != 1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await database.write(changes.announce, "afterwards")
    afterwards = await database.read(changes.number, "afterwards")
    database.close()
    return {
        "refused": sorted(refused), "saved": "some" if saved else "nothing", "lost": len(lost), "reads": "go on",
        "afterwards": "saved" if afterwards == 1 else "lost",
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(told_of(Path(sys.argv[1])))))
