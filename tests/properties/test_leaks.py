"""No secret that was ever sent can be found in a log, an answer, the database's files or the OpenAPI document."""

import base64
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import pytest

from tests.http.provider import provider
from tests.properties.live import Live, serving
from tests.properties.markers import Marker, forms, hits, marker

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

SAVE = "/v1/integrations/harbour/credentials"
TOKENS = {"a signing secret": "{}", "an app's token": "xoxb-{}", "a bot's token": "7654321:{}"}
JSON = {"Content-Type": "application/json"}


class Flows:
    """Sends secrets in every way one can think of, and keeps every answer."""

    def __init__(self, live: Live, admin: Marker) -> None:
        self._live = live
        self._client = self._connected()
        self._admin = admin
        self.markers = [admin]
        self.answers: dict[str, bytes] = {}

    def _connected(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self._live.url, timeout=20, trust_env=False)

    async def send(self, flow: str, method: str, path: str, *, key: str | None = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {key or self._admin.value}", **more.pop("headers", {})}
        answer = await self._client.request(method, path, headers=headers, **more)
        head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items()).encode()
        self.answers[f"the answer to '{flow}' ({method})"] = head + answer.content
        return answer

    def new(self, flow: str, word: str = "good") -> str:
        made = marker(flow, word)
        self.markers.append(made)
        return made.value

    async def all(self) -> None:
        await self.saves()
        await self.refusals()
        await self.bad_bodies()
        await self.wrong_places()
        await self.keys()
        await self.denials()
        await self.bots()
        await self.vector_stores()
        await self.reads()
        await self._client.aclose()

    async def saves(self) -> None:
        pending = (await self.send("reserve", "POST", "/v1/integrations", json={"type": "harbour"})).json()["id"]
        for flow, path, more in (
            ("save", SAVE, {"verify": False}),
            ("save again", SAVE, {"verify": False}),
            ("save and verify", SAVE, {"environment": "staging"}),
            ("save to delete", SAVE, {"environment": "production"}),
            ("save an installation", f"/v1/integrations/{pending}/credentials", {}),
        ):
            body = {"credentials": {"apiKey": self.new(flow)}, **more}
            for _ in range(2):
                answer = await self.send(
                    flow, "POST", path, json=body, headers={"Idempotency-Key": flow.replace(" ", "-")}
                )
                assert answer.status_code == 200, answer.text
        await self.send("delete", "DELETE", f"{SAVE}?environment=production", json={})

    async def bots(self) -> None:
        """Tokens of bots, and the way over a provider's page; to which the stand-in answers something else."""
        signing, slack, telegram = (self.token(flow, form) for flow, form in TOKENS.items())
        app = {"botToken": slack, "signingSecret": signing}
        for flow, path, body, status in (
            ("install an app", "slack/install", app, 502),
            ("rotate an app", "slack/rotate", {"integrationId": "slack", **app}, 404),
            ("install a bot", "telegram/install", {"botToken": telegram}, 502),
            ("a token in the wrong place", "telegram/install", {"botToken": slack, "name": telegram}, 400),
            ("rotate a bot", "telegram/rotate", {"integrationId": "telegram", "botToken": telegram}, 404),
            ("a token as an id", "telegram/managed/rotate", {"integrationId": telegram}, 404),
            ("a token as a name", "telegram/managed/initiate", {"name": telegram, "username": slack}, 400),
        ):
            answer = await self.send(flow, "POST", f"/v1/integrations/{path}", json=body)
            assert answer.status_code == status, answer.text
        client = {"clientId": "1.2", "clientSecret": self.token("client secret", "{}"), "signingSecret": signing}
        begun = await self.send("connect an app", "POST", "/v1/integrations/slack/connect", json=client)
        state = parse_qs(urlsplit(begun.json()["authorizeUrl"]).query)["state"][0]
        for flow, shown in (("a good state", state), ("a bad state", self.token("a bad state", "{}"))):
            query = {"state": shown, "code": self.token(f"the code with {flow}", "{}")}
            assert (await self.send(flow, "GET", "/hooks/slack/oauth/callback", params=query)).status_code in (400, 502)
        proof = {"X-Telegram-Bot-Api-Secret-Token": self.token("a false proof", "{}")}
        for place in ("manager", "intg_01kb0h6v3m8x2q4r5s6t7v8w9x"):
            assert (await self.send("hook", "POST", f"/hooks/telegram/{place}", headers=proof)).status_code == 401

    async def vector_stores(self) -> None:
        """Tokens, keys and module keys of configurations; to which the stand-in answers something else."""
        token, key, module = (self.token(flow, "emulated-{}-0000") for flow in ("a token", "a key", "a module key"))
        cloudflare = {"accountId": "0" * 32, "apiToken": token, "indexName": "articles"}
        weaviate = {"url": "https://a.weaviate.cloud", "apiKey": key, "headers": {"X-OpenAI-Api-Key": module}}
        for kind, body in (("vectorize", cloudflare), ("weaviate", weaviate)):
            path = f"/v1/integrations/{kind}"
            stored = {"name": "A", **body, "verify": False}
            made = await self.send(f"make {kind}", "POST", path, json=stored, headers={"Idempotency-Key": kind})
            assert made.status_code == 201, made.text
            one = f"{path}/{made.json()['id']}"
            await self.send(f"refused {kind}", "POST", path, json={"name": "B", **body})
            await self.send(f"test new {kind}", "POST", f"{path}/test", json=body)
            await self.send(f"test {kind}", "POST", f"{one}/test")
            await self.send(f"change {kind}", "PUT", one, json={"name": "C"})
            await self.send(f"change {kind} badly", "PUT", one, json={"name": token, "indexName": key, "url": module})
            tool = {"vectorize": "index_info", "weaviate": "list_collections"}[kind]
            await self.send(f"run {kind}", "POST", f"{one.replace(kind + '/', '')}/tools/{tool}/execute", json={})
            for flow, name in (("a token as a name", token), ("a token as an id", key)):
                await self.send(f"{flow} {kind}", "GET", f"{path}/{name}")
            await self.send(
                f"a token in the address {kind}", "POST", path, json={"name": "D", "url": f"https://u:{key}@x"}
            )
            await self.send(f"list {kind}", "GET", path)
        await self.send(
            "indexes", "POST", "/v1/integrations/vectorize/indexes/list", json=cloudflare | {"indexName": token}
        )
        credentials = {"accountId": "0" * 32, "apiToken": token}
        await self.send("indexes", "POST", "/v1/integrations/vectorize/indexes/list", json=credentials)

    def token(self, flow: str, form: str) -> str:
        """A secret of a form that is taken for good."""
        core = secrets.token_hex(16)
        self.markers.append(Marker(flow, core, form.format(core)))
        return self.markers[-1].value

    async def refusals(self) -> None:
        for word, status in (
            ("refused", 400),
            ("echo", 400),
            ("down", 502),
            ("garbage", 502),
            ("broken", 502),
            ("moved", 502),
            ("slow", 504),
        ):
            flow = f"the provider: {word}"
            answer = await self.send(flow, "POST", SAVE, json={"credentials": {"apiKey": self.new(flow, word)}})
            assert answer.status_code == status, answer.text

    async def bad_bodies(self) -> None:
        def good(flow: str) -> dict[str, Any]:
            return {"credentials": {"apiKey": self.new(flow)}}

        for flow, body in {
            "malformed value": {"credentials": {"apiKey": "x" + self.new("malformed value")}},
            "unknown field": {**good("unknown field"), "extra": self.new("unknown field")},
            "unknown name": {**good("unknown name"), self.new("unknown name"): 1},
            "unknown credential": {"credentials": {self.new("unknown credential"): self.new("unknown credential")}},
            "wrong environment": {**good("wrong environment"), "environment": self.new("wrong environment")},
            "wrong type": {"credentials": {"apiKey": [self.new("wrong type")]}},
            "credentials as text": {"credentials": self.new("credentials as text")},
            "type of a reservation": {"type": self.new("type of a reservation")},
        }.items():
            path = "/v1/integrations" if "reservation" in flow else SAVE
            assert (await self.send(flow, "POST", path, json=body)).status_code == 400
        for flow, content in {
            "half a body": b'{"credentials": {"apiKey": "' + self.new("half a body").encode(),
            "bad UTF-8": b'{"credentials": {"apiKey": "\xff' + self.new("bad UTF-8").encode() + b'"}}',
            "surrogate": b'{"credentials": {"apiKey": "\\ud800' + self.new("surrogate").encode() + b'"}}',
            "deep": b"[" * 30_000 + json.dumps(self.new("deep")).encode() + b"]" * 30_000,
            "bare text": self.new("bare text").encode(),
        }.items():
            assert (await self.send(flow, "POST", SAVE, content=content, headers=JSON)).status_code == 400
        with suppress(httpx2.TransportError):  # test_wire asks whether a large body is answered; here, whether it leaks
            await self.send("too large", "POST", SAVE, content=json.dumps(good("too large")).encode().ljust(1_100_000))
        await self._client.aclose()
        self._client = self._connected()

    async def wrong_places(self) -> None:
        for flow, path in {
            "path": "/v1/integrations/{}",
            "path of a save": "/v1/integrations/{}/credentials",
            "tool": "/v1/integrations/harbour/tools/{}",
            "category": "/v1/integrations/category/{}",
            "query": "/v1/integrations?q={}",
            "environment": "/v1/integrations/tools?environment={}",
            "filter": "/v1/integrations/credentials/status?integrationId={}",
            "key id": "/v1/api-keys/{}",
            "unknown path": "/v1/{}",
            "outside": "/{}",
        }.items():
            for method in ("GET", "POST", "DELETE", "PUT"):
                secret = quote(self.new(flow), safe="")
                await self.send(flow, method, path.format(secret), json={} if method == "POST" else None)
        for flow, form in {"wrong key": "Bearer {}", "bare wrong key": "{}", "basic": "Basic {}"}.items():
            secret = form.format(self.new(flow))
            answer = await self.send(flow, "GET", "/v1/integrations", headers={"Authorization": secret})
            assert answer.status_code == 401
        password = base64.b64encode(f"user:{self.new('basic in base64')}".encode()).decode()
        await self.send("basic in base64", "GET", "/v1/integrations", headers={"Authorization": f"Basic {password}"})
        await self.send("request id", "GET", "/v1/integrations", headers={"X-Request-Id": self.new("request id")})

    async def keys(self) -> None:
        body = {"name": "a key", "scopes": ["INTEGRATIONS:EXECUTE"]}
        made: dict[str, Any] = {}
        for _ in range(2):
            made = (
                await self.send("make a key", "POST", "/v1/api-keys", json=body, headers={"Idempotency-Key": "k"})
            ).json()
        self.markers.append(Marker("make a key", made["key"][4:-4], made["key"]))
        del self.answers["the answer to 'make a key' (POST)"]  # the one answer that holds a key, once
        await self.send("list keys", "GET", "/v1/api-keys")
        self.key = made

    async def denials(self) -> None:
        for method in ("GET", "POST", "DELETE"):
            for path in ("/v1/integrations/{}/credentials", "/v1/integrations/{}", "/v1/integrations?q={}"):
                secret = quote(self.new(f"denied {method} {path}"), safe="")
                await self.send(
                    "denied", method, path.format(secret), key=self.key["key"], json={} if method == "POST" else None
                )
        await self.send("revoke", "DELETE", f"/v1/api-keys/{self.key['id']}")
        await self.send("revoked", "GET", "/v1/integrations", key=self.key["key"])

    async def reads(self) -> None:
        for path in (
            "/v1/integrations",
            "/v1/integrations/harbour",
            "/v1/integrations/credentials/status",
            "/v1/integrations/tools",
            "/openapi.json",
            "/v1/health",
        ):
            await self.send(f"read {path}", "GET", path)


def files(folder: Path, when: str) -> dict[str, bytes]:
    return {f"{path.relative_to(folder)} {when}": path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
async def upstream(anyio_backend: str) -> AsyncIterator[str]:
    async with provider() as stand_in:
        yield stand_in.url


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_no_secret_is_found_anywhere(tmp_path: Path, upstream: str, log_format: str) -> None:
    admin = marker("admin key")
    admin = Marker("admin key", admin.core, f"{admin.value}-{'a' * 30}")
    core = secrets.token_hex(16)
    manager = Marker("the managing bot's token", core, f"7654322:{core}")
    with serving(
        tmp_path,
        admin_key=admin.value,
        log_level="debug",
        log_format=log_format,
        provider_timeout=0.4,
        upstreams=json.dumps(dict.fromkeys(("harbour", "slack", "telegram", "vectorize", "weaviate"), upstream)),
        telegram_manager_token=manager.value,
    ) as live:
        flows = Flows(live, admin)
        flows.markers.append(manager)
        await flows.all()
        during = files(tmp_path, "while it runs")
        assert any("-wal" in name for name in during)
        assert any("-shm" in name for name in during)
    places = {**flows.answers, **during, **files(tmp_path, "after its end")}
    found = hits(flows.markers, places)
    assert found == [], "\n".join(found)
    assert len(flows.markers) > 60


@pytest.mark.parametrize("form", [name for name, _ in forms("0123456789abcdef+&=~")])
def test_the_search_finds_a_secret_in_every_form(form: str) -> None:
    planted = marker("planted")
    needle = dict(forms(planted.core))[form]
    assert hits([planted], {"a file": b"\0 before " + needle + b" after \xff"})


@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz", b"user:"])
def test_the_search_finds_a_secret_within_a_longer_base64_text(before: bytes) -> None:
    planted = marker("planted")
    encoded = base64.b64encode(before + planted.value.encode() + b"after")
    assert hits([planted], {"a file": encoded})


def test_the_search_finds_nothing_where_nothing_is() -> None:
    assert hits([marker("one")], {"a file": marker("another").value.encode()}) == []
