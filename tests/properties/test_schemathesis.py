"""Any call that the OpenAPI document allows, many that it does not, and chains of them: every answer is declared."""

import json
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.properties.live import Live, serving

pytestmark = pytest.mark.slow

ADMIN = "s" * 40
EXAMPLES = 25
SECONDS = 300
METHODS = {"get", "put", "post", "delete", "patch"}
# Which words are environments, categories and catalogue ids is the server's own affair and no part of the document,
# so a text that it refuses may well be valid by the schema. All other checks apply.
EXCLUDED = "positive_data_acceptance"
# An address that is too long is refused as such before anybody looks whether it is valid.
REFUSALS = [400, 401, 403, 404, 405, 406, 409, 414, 415, 422, 428, 429, 431, "5xx"]
CONFIGURATION = f"[checks.negative_data_rejection]\nexpected-statuses = {json.dumps(REFUSALS)}\n"


def run(live: Live, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{live.url}/openapi.json"]
    options = ["--header", f"Authorization: Bearer {ADMIN}", "--max-examples", str(EXAMPLES), "--no-color"]
    checks = ["--exclude-checks", EXCLUDED, "--phases", "examples,coverage,fuzzing,stateful"]
    return subprocess.run(  # noqa: S603  # our own command
        [*command, *options, *checks], cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS
    )


def operations(live: Live) -> int:
    document = httpx2.get(f"{live.url}/openapi.json", trust_env=False).json()
    return sum(len(METHODS.intersection(item)) for item in document["paths"].values())


def test_schemathesis_finds_no_server_error_and_no_undeclared_answer(tmp_path: Path) -> None:
    # It tries far more wrong keys from one address than anybody may.
    free = {"rate_limit_guesses": 0, "provider_timeout": 1}
    with serving(tmp_path, admin_key=ADMIN, emulators=True, emulators_port=0, **free) as live:
        found = run(live, tmp_path)
        assert found.returncode == 0, found.stdout + found.stderr
        assert f"Tested: {operations(live)}" in found.stdout
