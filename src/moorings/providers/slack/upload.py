"""Uploads a file in three calls: an address for it, the file, and where it is shared.

Facts: https://docs.slack.dev/reference/methods/files.getUploadURLExternal and python-slack-sdk 3.48.0,
`slack_sdk/web/client.py`, files_upload_v2 (the address lies at files.slack.com, and takes the bytes without a token).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from moorings.domain.request_form import Encoding, RequestForm
from moorings.domain.run import Run
from moorings.domain.secret import SecretFields
from moorings.domain.tool import Tool
from moorings.errors import ProviderFailed
from moorings.providers.bodies import decoded
from moorings.providers.contract import ToolRunner
from moorings.providers.request import PreparedRequest
from moorings.providers.transport import Transport

HOST = "files.slack.com"
TOOL = "upload_file"
PLACE = RequestForm(
    "POST", "/files.getUploadURLExternal", encoding=Encoding.FORM,
    body={"filename": "{filename}", "length": "{length}", "alt_txt": "{altText}"},
)  # fmt: skip
SUCCESS = 200


class SlackTools:
    """Runs every tool as it is declared, and makes the two calls that must go before sharing a file."""

    def __init__(self, declared: ToolRunner, transport: Transport, upstream: str | None) -> None:
        self._declared, self._transport, self._upstream = declared, transport, upstream

    async def run(self, tool: Tool, fields: SecretFields, parameters: Mapping[str, Any]) -> Run:
        """See `ToolRunner.run`."""
        if tool.id != TOOL:
            return await self._declared.run(tool, fields, parameters)
        filename, content = parameters["file"]["filename"], _content(parameters["file"])
        wish = {**parameters, "filename": filename, "length": len(content)}
        place = await self._declared.run(replace(tool, request=PLACE, result=None), fields, wish)
        if place.is_error:
            return place
        url, file_id = _place(place)
        if refused := await self._sent(tool, url, content):
            return refused
        return await self._declared.run(tool, fields, {**wish, "fileId": file_id})

    async def _sent(self, tool: Tool, url: str, content: bytes) -> Run | None:
        """The file goes to Slack's own host alone, and without the token; what it says where it does not take it."""
        headers = {"Content-Type": "application/octet-stream"}
        hosts = frozenset({urlsplit(place_of(url, self._upstream)).hostname or ""})
        request = PreparedRequest("POST", url, headers, content, hosts, trusted=self._upstream is not None)
        reply = await self._transport.send(request, seconds=tool.timeout)
        if reply.status == SUCCESS:
            return None
        answer = {"status": reply.status, "answer": "Slack did not take the file."}
        return Run(answer, is_error=True, status=reply.status)


def place_of(url: str, upstream: str | None) -> str:
    """The address, which is Slack's own host or the same below the operator's; raises `ProviderFailed` for another."""
    own = f"{upstream.rstrip('/')}/@{HOST}/" if upstream else f"https://{HOST}/"
    if not url.startswith(own):
        raise ProviderFailed("Slack named a place for the file that is not its own; nothing was sent there.")
    return url


def _content(file: Mapping[str, Any]) -> bytes:
    text: str | None = file.get("text")
    return decoded("file.content", file["content"]) if text is None else text.encode()


def _place(run: Run) -> tuple[str, str]:
    told = run.result if isinstance(run.result, Mapping) else {}
    url, file_id = told.get("upload_url"), told.get("file_id")
    if not isinstance(url, str) or not isinstance(file_id, str):
        raise ProviderFailed("Slack gave no place for the file; try again later.")
    return url, file_id
