"""Events: two hundred a second come in for half a minute, and every one goes on to a program exactly once."""

import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import calls
import measure
import server
from goals import MILLISECONDS, Row
from load import Call, Plan
from server import Server

from bench import Bench

PER_SECOND, SECONDS, WARMUP = 200, 30.0, 1.0
CONVERSATIONS = 20
PATIENCE_SECONDS = 30.0
TOKEN = "xoxb-emulated-000000000000-slackbot"  # noqa: S105 - the stand-in's published one
SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105 - of no secrecy
SETTINGS = {"MOORINGS_EMULATORS": "1", "MOORINGS_EMULATORS_PORT": "0", "MOORINGS_EGRESS_ALLOW": "127.0.0.1"}


def events(bench: Bench) -> list[Row]:
    """How long Slack waits for its answer; what is lost, or comes twice, is an error."""
    with _program() as (port, told), server.running(bench.fresh(), SETTINGS) as served:
        installation = _install(served, f"http://127.0.0.1:{port}/in")
        pace = calls.CONNECTIONS / PER_SECOND
        plan = Plan(served.port, _scripts(installation), SECONDS, WARMUP, repeat=False, pace=pace)
        seen = measure.load(plan)
        sent = sum(map(len, seen.latencies.values()))
        _wait_until(told, sent)
    taken = [each for every in seen.latencies.values() for each in every]
    median, late = measure.percentile(taken, 50) or 0.0, measure.percentile(taken, 99) or 0.0
    lost, twice = max(0, sent - len(told)), sum(times - 1 for times in told.values())
    note = f"p50 {median:.1f} ms, p99 {late:.1f} ms; {len(told):,} passed on, {lost} lost, {twice} twice"
    wrong = seen.errors + lost + twice
    return [Row("events, 200 a second", median, MILLISECONDS, median, late, wrong, seen.failures, note=note)]


def _scripts(installation: str) -> list[list[Call]]:
    """Enough for the time and a little more; the signatures are good for five minutes."""
    count = int(PER_SECOND * (SECONDS + WARMUP) * 1.1) // calls.CONNECTIONS * calls.CONNECTIONS
    return calls.dealt([_event(installation, number) for number in range(count)])


def _event(installation: str, number: int) -> Call:
    event = {"type": "message", "channel": f"C{number % CONVERSATIONS}", "user": "U1", "text": f"event {number}"}
    body = json.dumps({"type": "event_callback", "event_id": f"Ev{number}", "event": event})
    stamp = str(int(time.time()))
    signature = hmac.digest(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hex()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}
    return Call("event", calls.text("POST", f"/hooks/slack/{installation}", "none", body, headers))


def _install(served: Server, forward_url: str) -> str:
    body = {"botToken": TOKEN, "signingSecret": SECRET, "forwardUrl": forward_url}
    found: str = served.json("POST", "/v1/integrations/slack/install", body=body)["integrationId"]
    return found


@contextmanager
def _program() -> Iterator[tuple[int, Counter[str]]]:
    """A program that takes everything, and counts how often each event came."""
    told: Counter[str] = Counter()

    class Taking(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            told[self.headers["webhook-id"]] += 1
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield listening.server_address[1], told
    finally:
        listening.shutdown()
        listening.server_close()


def _wait_until(told: Counter[str], sent: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while len(told) < sent and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(0.5)  # one that comes twice comes by now
