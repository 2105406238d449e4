"""The server's sentences name calls; whoever types commands is told the command that does the same."""

import re

_CALL = re.compile(r"(?:GET|POST) /v1/([a-z0-9/{}_-]*[a-z0-9}])")
_COMMANDS = {
    "api-keys": "keys list",
    "integrations": "integrations list",
    "integrations/slack/connect": "slack connect",
    "integrations/telegram/rotate": "telegram rotate",
    "integrations/vectorize": "vectorize list",
    "integrations/weaviate": "weaviate list",
}


def for_commands(sentence: str) -> str:
    """The same sentence with commands in place of calls, where there is one."""
    return _CALL.sub(_command, sentence)


def _command(call: re.Match[str]) -> str:
    path, command = call[1], _COMMANDS.get(call[1])
    integration, _, rest = path.removeprefix("integrations/").partition("/")
    if command is None and path.startswith("integrations/") and rest in ("", "tools"):
        command = f"tools list --integration {integration}" if rest else f"integrations show {integration}"
    return call[0] if command is None else f"`moorings {command}`"
