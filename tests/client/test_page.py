"""The client's page says what there is, and its examples run."""

import re
import subprocess
import sys
from pathlib import Path

from moorings.client import Moorings
from moorings.client.exports import PLACES
from moorings.client.operation import Operation
from tests.serving.process import PATIENCE, environment, serving

PAGE = (Path(__file__).parents[2] / "docs/client.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_examples_run_one_after_the_other(tmp_path: Path) -> None:
    with serving(tmp_path, "--emulators") as server:
        assert server.admin_key
        ended = subprocess.run(  # noqa: S603 - what our own page says
            [sys.executable, "-c", "\n".join(EXAMPLES)], capture_output=True, text=True, check=False, timeout=PATIENCE,
            env=environment(url=server.address, api_key=server.admin_key),
        )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    said = ended.stdout
    assert re.search(r"^firecrawl available \d+$", said, re.MULTILINE)
    assert "Firecrawl accepts the credentials" in said
    assert re.search(r"^True \d+$", said, re.MULTILINE)
    assert re.search(r"^CREDENTIALS_MISSING http://\S+/connect/firecrawl\?environment=staging$", said, re.MULTILINE)
    assert re.search(r"^\w+_NOT_FOUND \S+$", said, re.MULTILINE)
    assert re.search(r"^intg_\w+ pending$", said, re.MULTILINE)


def test_every_call_and_every_error_stands_on_the_page() -> None:
    with Moorings("http://127.0.0.1:1", "a-key") as client:
        nouns = {name: type(noun) for name, noun in vars(client).items() if not name.startswith("_")}
    for name, noun in nouns.items():
        calls = [f"`{call}`" for call, value in vars(noun).items() if isinstance(value, Operation)]
        assert f"| `{name}` | {' · '.join(calls)} |" in PAGE
    assert [name for names in PLACES.values() for name in names if name != "Detail" and f"`{name}`" not in PAGE] == []
