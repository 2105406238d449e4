"""A disk that takes no more: saves are refused clearly, reads go on, and it recovers by itself."""

import resource
import sys
from pathlib import Path

import httpx2
import pytest

from tests.properties.live import Live, serving

ADMIN = "d" * 40
SAVE = "/v1/integrations/harbour/credentials"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="a limit on the size of another process's files needs Linux"
)


def save(caller: httpx2.Client, number: int) -> httpx2.Response:
    key = f"hb_{number:05d}{'x' * 3000}"
    return caller.post(SAVE, json={"credentials": {"apiKey": key}, "verify": False, "environment": "staging"})


def limit(live: Live, size: int) -> None:
    """The server may write no file larger than this, which fails a write as a full disk does."""
    resource.prlimit(live.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_disk_that_takes_no_more_is_told_and_survived(tmp_path: Path) -> None:
    headers = {"Authorization": f"Bearer {ADMIN}"}
    with (
        serving(tmp_path, admin_key=ADMIN) as live,
        httpx2.Client(base_url=live.url, headers=headers, trust_env=False, timeout=20) as caller,
    ):
        assert save(caller, 0).status_code == 200
        held = caller.get("/v1/integrations/credentials/status?integrationId=harbour").json()
        wal = max(path.stat().st_size for path in live.data.iterdir())
        limit(live, wal + 4096)
        answers = [save(caller, number) for number in range(1, 30)]
        refused = [answer for answer in answers if answer.status_code != 200]
        assert refused
        assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(500, "STORE_FULL")}
        assert all(set(answer.json()) == {"error", "code", "requestId"} for answer in refused)
        now = caller.get("/v1/integrations/credentials/status?integrationId=harbour")
        assert now.status_code == 200
        assert now.json()["data"][0]["environments"] == held["data"][0]["environments"]
        assert caller.get("/v1/integrations").status_code == 200
        limit(live, resource.RLIM_INFINITY)
        assert save(caller, 99).status_code == 200
        assert live.process.poll() is None
