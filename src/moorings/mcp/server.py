"""What the protocol's methods do: list tools, call them, and listen for changes. The same for every transport."""

import logging
from collections.abc import Callable
from typing import Any

from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import NotificationOptions, Server
from mcp.server.models import InitializationOptions
from mcp.server.subscriptions import ListenHandler, ServerEvent, ToolsListChanged
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
)

from moorings import __version__
from moorings.errors import (
    Forbidden,
    InvalidParameters,
    InvalidRequest,
    MooringsError,
    NotFound,
    ProviderFailed,
    UseNotRecorded,
)
from moorings.mcp import results, tools
from moorings.mcp.asking import Asking
from moorings.mcp.calls import Calls, Cancelled, Report
from moorings.mcp.sessions import Sessions
from moorings.mcp.watch import Watch
from moorings.services.execution import Executed
from moorings.services.hub import Hub

REQUEST_CANCELLED = -32800
INSTRUCTIONS = """\
Tools of the services that are connected in Moorings. Moorings adds the credentials: never ask for a key, token or \
password, and never send one. Where credentials are missing or dead, a tool answers with a link; give that link to \
the person, who enters them there, and then call again.\
"""

log = logging.getLogger(__name__)

Context = ServerRequestContext[Any, Any]
WhoAsks = Callable[[Context], Asking]


class Speaker(Server[Any]):
    """The SDK's server, which tells its clients that the list of tools may change."""

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """See the SDK."""
        told = notification_options or NotificationOptions(tools_changed=True)
        return super().create_initialization_options(told, experimental_capabilities, extensions)


class Methods:
    """The methods; `asking` finds out who speaks. Whatever they raise is of the protocol and holds no secret."""

    def __init__(self, hub: Hub, sessions: Sessions, watch: Watch, calls: Calls, asking: WhoAsks) -> None:
        self._hub, self._sessions, self._watch, self._calls, self._asking = hub, sessions, watch, calls, asking

    def server(self) -> Speaker:
        """A server of the SDK with these methods."""
        server = Speaker(
            "moorings", version=__version__, title="Moorings", instructions=INSTRUCTIONS,
            # No parameter of ours travels in a header; without this every call would list all tools to find that out.
            get_tool_input_schema=lambda _: None,
            on_list_tools=self.list_tools, on_call_tool=self.call_tool, on_subscriptions_listen=self.listen,
        )  # fmt: skip
        server.middleware.clear()  # spans for a tracer that we do not have
        return server

    async def list_tools(self, context: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        """`tools/list`."""
        asking = self._asking(context)
        try:
            found = await self._hub.execution.runnable(asking.caller, asking.environment)
        except MooringsError as error:
            raise _of(error) from None
        if asking.session:
            self._sessions.show(asking.session, asking.caller, [tool.name for tool in found])
        return tools.page(found, params.cursor if params else None)

    async def call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        """`tools/call`. What the model can put right, or tell a person, is a result; all else an error."""
        asking = self._asking(context)
        try:
            return results.of(await self._called(asking, context, params))
        except NotFound:
            raise MCPError(INVALID_PARAMS, "Unknown tool: tools/list names those there are.") from None
        except Forbidden as error:
            await self._hub.denials.record(asking.caller, "MCP tools/call", error)
            raise _of(error) from None
        except InvalidParameters as error:
            told = "These arguments are not what this tool takes; its inputSchema describes them."
            return results.of_error(InvalidParameters(told, error.details))
        except (InvalidRequest, ProviderFailed, UseNotRecorded) as error:
            return results.of_error(error)
        except MooringsError as error:
            log.warning("a tool call failed", extra={"code": error.code})
            raise _of(error) from None
        except Cancelled:
            raise MCPError(REQUEST_CANCELLED, "The call was cancelled.") from None
        except Exception:
            log.exception("a tool call met a defect")
            raise MCPError(INTERNAL_ERROR, "Something went wrong here, and it is our defect.") from None

    async def listen(
        self, context: Context, params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:  # fmt: skip
        """`subscriptions/listen`: news of changes for as long as the client listens and its key is good."""
        news = _News()
        handler = ListenHandler(news)
        try:
            async with self._watch.following(self._asking(context), news.tell, handler.close):
                return await handler(context, params)
        except MooringsError as error:
            raise _of(error) from None

    async def _called(self, asking: Asking, context: Context, params: CallToolRequestParams) -> Executed:
        integration_id, _, tool_id = params.name.partition("_")
        work = self._hub.execution.execute(
            asking.caller, integration_id, tool_id, asking.environment, params.arguments or {}
        )
        name = (asking.session, str(context.request_id)) if asking.session else None
        return await self._calls.run(name, work, self._report(context, integration_id))

    def _report(self, context: Context, integration_id: str) -> Report:
        catalog = self._hub.catalog
        whom = catalog.get(integration_id).name if integration_id in catalog else "an answer"

        async def report(seconds: float) -> None:
            await context.session.report_progress(round(seconds, 1), message=f"Waiting for {whom}: {seconds:.0f} s.")

        return report


class _News:
    """A bus of the SDK's for one listener."""

    def __init__(self) -> None:
        self._listener: Callable[[ServerEvent], None] | None = None

    def tell(self) -> None:
        """Let the listener know that the tools have changed."""
        if self._listener is not None:
            self._listener(ToolsListChanged())

    async def publish(self, event: ServerEvent) -> None:
        """See the SDK."""
        if self._listener is not None:
            self._listener(event)

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        """See the SDK."""
        self._listener = listener

        def unsubscribe() -> None:
            self._listener = None

        return unsubscribe


def _of(error: MooringsError) -> MCPError:
    """Our error as one of the protocol's; the code of ours stands beside it."""
    code = INVALID_REQUEST if isinstance(error, Forbidden) else INTERNAL_ERROR
    return MCPError(code, error.message, {"code": error.code})
