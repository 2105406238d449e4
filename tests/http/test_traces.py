"""Traces: a span for each call, each time a provider is asked and each job, and no secret in any."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from opentelemetry import trace
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from moorings import traces
from moorings.domain.job import JobKind
from moorings.domain.marker import Marker, hits
from moorings.domain.span import SpanKind, Tracer
from moorings.errors import ProviderTimeout
from tests.http.collector import Collector, collector, facts
from tests.http.judge import CANARY, Judge
from tests.http.provider import PATIENCE
from tests.http.world import TIMEOUT, World, harbour_key, living, save, saved

pytestmark = pytest.mark.anyio

SHOWN = "{integrationId}"


@asynccontextmanager
async def traced(data_dir: Path, judge: Judge, heard: Collector) -> AsyncIterator[World]:
    """A world whose spans have all come to the collector when it ends."""
    with traces.sent_to(heard.url) as tracer:
        async with living(data_dir, judge, tracer) as world:
            yield world


async def test_a_call_is_a_span_and_what_a_provider_is_asked_for_it_a_child(data_dir: Path, judge: Judge) -> None:
    with collector() as heard:
        async with traced(data_dir, judge, heard) as world:
            admin = world.client()
            answer = await save(admin, key=harbour_key(), verify=True)
            assert answer.status_code == 200
            missing = await admin.get("/v1/integrations/nothing")
        outward, call, other = heard.spans
    assert heard.paths == {"/v1/traces"}
    route = f"/v1/integrations/{SHOWN}/credentials"
    assert (call.name, call.kind) == (f"POST {route}", Span.SPAN_KIND_SERVER)
    assert facts(call) == {
        "http.request.method": "POST", "http.route": route, "http.response.status_code": 200,
        "moorings.request_id": answer.headers["x-request-id"],
    }  # fmt: skip
    assert (outward.name, outward.kind) == ("GET 127.0.0.1", Span.SPAN_KIND_CLIENT)
    assert facts(outward) == {
        "http.request.method": "GET", "server.address": "127.0.0.1", "moorings.integration": "harbour",
        "http.response.status_code": 200,
    }  # fmt: skip
    assert (outward.parent_span_id, outward.trace_id) == (call.span_id, call.trace_id)
    assert not call.parent_span_id
    assert (other.name, other.status.code) == (f"GET /v1/integrations/{SHOWN}", Status.STATUS_CODE_UNSET)
    assert facts(other)["moorings.request_id"] == missing.json()["requestId"]


async def test_what_fails_is_told_by_its_code_alone(data_dir: Path, judge: Judge) -> None:
    with collector() as heard:
        async with traced(data_dir, judge, heard) as world:
            answer = await save(world.client(), key=harbour_key("slow"), verify=True)
            assert (answer.status_code, answer.json()["code"]) == (504, ProviderTimeout.code)
        outward, call = heard.spans
    assert facts(outward)["error.type"] == ProviderTimeout.code
    assert (outward.status.code, outward.status.message) == (Status.STATUS_CODE_ERROR, "")
    assert (call.status.code, call.status.message) == (Status.STATUS_CODE_ERROR, "")
    assert not outward.events
    assert TIMEOUT - 0.05 < (outward.end_time_unix_nano - outward.start_time_unix_nano) / 1e9 < PATIENCE


async def test_a_job_s_run_is_a_trace_of_its_own(data_dir: Path, judge: Judge) -> None:
    with collector() as heard:
        async with traced(data_dir, judge, heard) as world:
            await saved(world.client())
            [(credential,)] = world.rows("SELECT id FROM jobs WHERE kind = 'check'")
            world.change("UPDATE jobs SET due_at = 0, next_at = 0")
            [job] = await world.hub.jobs.take(JobKind.CHECK, 1)
            await world.hub.jobs.run(job)
        _, outward, run = heard.spans
    assert (run.name, run.kind, run.parent_span_id) == ("check", Span.SPAN_KIND_INTERNAL, b"")
    assert facts(run) == {"moorings.job": "check", "moorings.job_id": credential, "moorings.attempt": 1}
    assert (outward.parent_span_id, facts(outward)["moorings.integration"]) == (run.span_id, "harbour")


async def test_what_is_asked_when_a_call_has_ended_is_not_that_call_s() -> None:
    kept, ended = InMemorySpanExporter(), asyncio.Event()

    async def ask(tracer: Tracer) -> None:
        await ended.wait()
        with tracer.span(SpanKind.OUTWARD):
            pass

    with traces.through(SimpleSpanProcessor(kept)) as tracer:
        with tracer.span(SpanKind.CALL), tracer.span(SpanKind.OUTWARD):
            late = asyncio.create_task(ask(tracer))
        ended.set()
        await late
    within, call, after = kept.get_finished_spans()
    assert within.parent == call.get_span_context()
    assert after.parent is None


async def test_no_secret_stands_in_any_span_in_any_form(data_dir: Path, judge: Judge) -> None:
    sent: list[Marker] = []

    def new(flow: str, word: str = "good") -> str:
        core = f"{len(sent):02d}x{CANARY}Kd8+Vq2mWz5&Rt9="
        sent.append(Marker(flow, core, f"hb_{word}-{core}-end0"))
        return sent[-1].value

    with collector() as heard:
        async with traced(data_dir, judge, heard) as world:
            admin = world.client()
            for word in ("good", "refused", "echo", "moved", "broken", "slow"):
                await save(admin, key=new(f"a key that is {word}", word), verify=True)
            await save(admin, key=new("a key whose call is repeated"), verify=False)
            await admin.post(
                "/v1/integrations/harbour/tools/list_ships/execute", json={"parameters": {"q": new("a parameter")}}
            )
            await admin.get(f"/v1/integrations/{quote(new('a path'), safe='')}/tools")
            await admin.get(f"/{quote(new('a path beside the API'), safe='')}")
            await admin.get("/v1/integrations", params={"q": new("a query")})
            await admin.get(
                "/v1/integrations", headers={"traceparent": new("a trace's parent"), "baggage": new("baggage")}
            )
            await admin.delete(f"/v1/api-keys/{quote(new('an id'), safe='')}")
            await world.client(new("a wrong key")).get("/v1/integrations")
            await admin.post("/v1/integrations", json={"type": new("a body")})
    assert len(heard.spans) > len(sent)
    assert hits(sent, {"the spans": b"".join(heard.bodies)}) == []


async def test_libraries_beneath_find_neither_a_tracer_nor_a_span(data_dir: Path, judge: Judge) -> None:
    with collector() as heard:
        async with traced(data_dir, judge, heard) as world:
            await world.client().get("/v1/integrations/tools")
            assert type(trace.get_tracer_provider()) is trace.ProxyTracerProvider
            assert trace.get_current_span() is trace.INVALID_SPAN
        assert [span.name for span in heard.spans] == ["GET /v1/integrations/tools"]


async def test_a_method_that_http_does_not_know_is_not_repeated(data_dir: Path, judge: Judge) -> None:
    with collector() as heard:
        async with traced(data_dir, judge, heard) as world:
            await world.client().request(CANARY.upper(), "/nothing")
        [span] = heard.spans
    assert (span.name, facts(span)["http.request.method"]) == ("other other", "other")
