"""Traces of a server as a person starts it: to a collector, to none that answers, and without what they need."""

import json
import subprocess
import sys
from pathlib import Path

from tests.http.collector import collector, facts
from tests.serving.process import PATIENCE, command, environment, serving

LONGEST_END = 10.0
"""Seconds that whoever supervises a process usually waits for its end."""

OFF = """
import json, sys
from moorings import settings
from moorings.serving.tracing import traced
with traced(settings.load()) as tracer:
    pass
print(json.dumps(sorted(sys.modules)))
"""
WITHOUT = "import sys\nsys.modules['opentelemetry.sdk'] = sys.modules['opentelemetry.exporter'] = None\n"


def test_spans_of_a_server_reach_the_collector_before_it_ends(tmp_path: Path) -> None:
    with collector() as heard:
        with serving(tmp_path, otel_endpoint=heard.url) as server:
            with server.client() as client:
                answer = client.get("/v1/integrations/tools")
            assert server.end()[0] == 0
        told = [facts(span) for span in heard.spans]
    assert answer.headers["x-request-id"] in {each["moorings.request_id"] for each in told}
    assert server.admin_key is not None
    assert server.admin_key.encode() not in b"".join(heard.bodies)
    assert server.logged == ""


def test_a_collector_that_is_away_neither_stops_a_call_nor_holds_the_end(tmp_path: Path) -> None:
    with serving(tmp_path, otel_endpoint="http://127.0.0.1:9") as server:
        with server.client() as client:
            assert client.get("/v1/integrations/tools").status_code == 200
        code, seconds = server.end()
    assert (code, seconds < LONGEST_END) == (0, True), seconds


def test_without_the_extra_a_start_that_wants_traces_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT)
    variables = environment(otel_endpoint="http://127.0.0.1:9", data_dir=str(tmp_path / "data"), port="0")
    ended = subprocess.run(  # noqa: S603 - our own command
        command("serve"), env={**variables, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
        timeout=PATIENCE,
    )  # fmt: skip
    assert ended.returncode != 0
    assert "pip install -e '.[otel]'" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data").exists()


def test_a_server_that_traces_nothing_loads_nothing_for_it(tmp_path: Path) -> None:
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", OFF], env=environment(data_dir=str(tmp_path)), capture_output=True, text=True,
        check=True, timeout=PATIENCE,
    )  # fmt: skip
    loaded = json.loads(ended.stdout)
    assert [
        name for name in loaded if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "requests"))
    ] == []
    assert "moorings.traces" not in loaded
