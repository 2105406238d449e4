"""Runs tools by the form that a manifest declares; enough for nearly every provider."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings.domain.integration import Integration
from moorings.domain.request_form import Pages, Turning
from moorings.domain.run import Run
from moorings.domain.secret import Secret, SecretFields
from moorings.domain.tool import MAX_PAGES, Tool
from moorings.errors import InvalidRequest, ProviderFailed
from moorings.providers import paging, reading
from moorings.providers.answers import find
from moorings.providers.declarative import DeclarativeVerifier
from moorings.providers.exchange import Exchange
from moorings.providers.request import PreparedRequest, build
from moorings.providers.scrubbing import Scrubber
from moorings.providers.transport import Reply, Transport

UNAUTHORIZED = 401
SUCCESS = range(200, 300)
SOONEST = 0.001


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a tool may take, in seconds, and how many bytes of its answer are held."""

    seconds: float = 30.0
    answer: int = 1_048_576


@dataclass(frozen=True, slots=True)
class _Page:
    """One page's request, the reply to it, and its content where the reply is good."""

    request: PreparedRequest
    reply: Reply
    content: Any


class DeclarativeRunner:
    """Makes the declared request with the credential, and hands out the answer without it."""

    def __init__(
        self, transport: Transport, integration: Integration, upstream: str | None, exchange: Exchange | None,
        verifier: DeclarativeVerifier | None, limits: Limits,
    ) -> None:  # fmt: skip
        self._transport, self._integration, self._upstream = transport, integration, upstream
        self._exchange, self._verifier, self._limits = exchange, verifier, limits

    async def run(self, tool: Tool, fields: SecretFields, parameters: Mapping[str, Any]) -> Run:
        """See `ToolRunner.run`."""
        token = await self._exchange.token(fields) if self._exchange else None
        run = await self._once(tool, fields, parameters, token)
        if run.status == UNAUTHORIZED and self._exchange and token:
            self._exchange.forget(fields, token)  # withdrawn before its time; the credentials may be good
            return await self._once(tool, fields, parameters, await self._exchange.token(fields))
        return run

    async def _once(self, tool: Tool, fields: SecretFields, parameters: Mapping[str, Any], token: Secret | None) -> Run:
        scrubber = self._scrubber(fields, token)
        own = {name: value for name, value in parameters.items() if tool.pages is None or name != MAX_PAGES}
        request = self._built(tool, fields, own, token)
        seconds = tool.timeout or self._limits.seconds
        until = asyncio.get_running_loop().time() + seconds
        page = await self._page(request, scrubber, seconds)
        if not self._good(page):
            return await self._refused(page, scrubber)
        wanted = int(parameters.get(MAX_PAGES, 1)) if tool.pages else 1
        if tool.pages and wanted > 1 and not page.reply.cut:
            return await self._turned(tool, tool.pages, fields, own, token, page, wanted, until)
        return self._done(tool, page.content, cut=page.reply.cut)

    async def _turned(
        self, tool: Tool, pages: Pages, fields: SecretFields, values: Mapping[str, Any], token: Secret | None,
        page: _Page, wanted: int, until: float,
    ) -> Run:  # fmt: skip
        """Up to `wanted` pages as one; where a later page fails, those before it with the mark that more exists.

        All of them together take no longer than one call may: `until` is its end by the loop's clock.
        """
        scrubber, contents, size = self._scrubber(fields, token), [page.content], len(page.reply.body)
        while len(contents) < wanted:
            try:
                values, request = self._following(tool, pages, fields, values, token, page)
                left = max(until - asyncio.get_running_loop().time(), SOONEST)
                following = await self._page(request, scrubber, left) if request else None
            except (ProviderFailed, InvalidRequest):  # no answer in time, a web page, a cursor that nothing can carry
                return self._done(tool, paging.joined(pages, contents), cut=True)
            if following is None:
                return self._done(tool, paging.joined(pages, contents), cut=False)
            page, size = following, size + len(following.reply.body)
            if not self._good(page) or page.reply.cut or size > self._limits.answer:
                return self._done(tool, paging.joined(pages, contents), cut=True)
            contents.append(page.content)
        return self._done(tool, paging.joined(pages, contents), cut=False)

    def _following(
        self,
        tool: Tool,
        pages: Pages,
        fields: SecretFields,
        values: Mapping[str, Any],
        token: Secret | None,
        page: _Page,
    ) -> tuple[Mapping[str, Any], PreparedRequest | None]:
        """The parameters and the request of the page after this one; no request when it was the last."""
        if pages.turning is Turning.LINK:
            return values, paging.request_after(pages, page.request, page.reply.headers, page.content)
        after = paging.parameters_after(pages, values, page.content)
        return (after, self._built(tool, fields, after, token)) if after else (values, None)

    def _built(
        self, tool: Tool, fields: SecretFields, values: Mapping[str, Any], token: Secret | None
    ) -> PreparedRequest:
        return build(self._integration, tool.request, fields, values, self._upstream, token)

    async def _page(self, request: PreparedRequest, scrubber: Scrubber, seconds: float) -> _Page:
        reply = await self._transport.send(request, seconds=seconds, may_cut=self._limits.answer)
        if reply.status not in SUCCESS:
            return _Page(request, reply, None)
        wants_page = "html" in request.headers.get("Accept", "")
        name = self._integration.name
        content = await reading.aside(reply, lambda: reading.content(reply, scrubber, name, page=wants_page))
        return _Page(request, reply, content)

    def _good(self, page: _Page) -> bool:
        return page.reply.status in SUCCESS and not find(self._integration.failed, page.content)

    def _done(self, tool: Tool, content: Any, *, cut: bool) -> Run:
        whole = tool.result is None or (cut and isinstance(content, dict) and "text" in content)
        return Run(content if whole else find(tool.result, content), truncated=cut)

    async def _refused(self, page: _Page, scrubber: Scrubber) -> Run:
        reply = page.reply
        said = await reading.aside(reply, lambda: reading.refusal(reply, scrubber))
        suspect = self._verifier is not None and self._verifier.suspects(reply)
        return Run(
            said, is_error=True, status=reply.status,
            retry_after=reading.retry_after(reply.headers), truncated=reply.cut, suspect=suspect,
        )  # fmt: skip

    def _scrubber(self, fields: SecretFields, token: Secret | None) -> Scrubber:
        """Knows the secret fields, the token they were exchanged for, and the pair that HTTP Basic makes of them."""
        secret = {field.name for field in self._integration.fields if field.secret}
        known = [value.reveal() for name, value in fields.items() if name in secret]
        return Scrubber([*known, *([token.reveal()] if token else [])])
