"""App manifests: what Slack takes of one, and the app that it becomes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from moorings.emulators.slack.answers import Json
from moorings.emulators.slack.apps import App, Apps

PARTS = frozenset({"_metadata", "display_information", "features", "oauth_config", "settings"})
COMMAND_PARTS = frozenset({"command", "url", "description", "usage_hint", "should_escape"})
MOST_COMMANDS = 50
LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_BOT_NAME = 35, 140, 80


def problems(manifest: Any) -> list[Json]:
    """Everything that Slack would refuse, each with a pointer to its place."""
    if not isinstance(manifest, Mapping):
        return [{"message": "must be an object", "pointer": "/"}]
    return [{"message": message, "pointer": pointer} for pointer, message in _problems(manifest)]


def created(apps: Apps, manifest: Mapping[str, Any], team_id: str, team: str) -> App:
    """The app of a manifest without problems."""
    app = apps.create(_at(manifest, "display_information", "name"), _scopes(manifest), team_id, team)
    app.rotates = _at(manifest, "settings", "token_rotation_enabled") is True
    app.redirect_urls = tuple(_at(manifest, "oauth_config", "redirect_urls") or ())
    app.events = tuple(_at(manifest, "settings", "event_subscriptions", "bot_events") or ())
    app.request_url = _at(manifest, "settings", "event_subscriptions", "request_url") or ""
    app.interactivity_url = _at(manifest, "settings", "interactivity", "request_url") or ""
    app.command_urls = {one["command"]: one["url"] for one in _at(manifest, "features", "slash_commands") or ()}
    return app


def _problems(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in sorted(set(manifest) - PARTS):
        yield f"/{name}", "must NOT have additional properties"
    yield from _words(manifest)
    yield from _interactions(manifest)
    scopes = _scopes(manifest)
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        yield "/oauth_config/scopes/bot", "must be a list of scopes"
    if _at(manifest, "settings", "event_subscriptions") is None:
        return
    if not _is_address(_at(manifest, "settings", "event_subscriptions", "request_url")):
        yield "/settings/event_subscriptions/request_url", "must be a valid URL that begins with https://"
    if not isinstance(_at(manifest, "settings", "event_subscriptions", "bot_events") or [], list):
        yield "/settings/event_subscriptions/bot_events", "must be a list of events"


def _interactions(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """https://github.com/slackapi/manifest-schema, version 2."""
    interactive = _at(manifest, "settings", "interactivity")
    if interactive is not None and not _is_address(_at(interactive, "request_url")):
        yield "/settings/interactivity/request_url", "must be a valid URL that begins with https://"
    commands = _at(manifest, "features", "slash_commands")
    if commands is None:
        return
    if not isinstance(commands, list) or not 0 < len(commands) <= MOST_COMMANDS:
        yield "/features/slash_commands", f"must have 1 to {MOST_COMMANDS} items"
        return
    if "commands" not in _scopes(manifest):
        yield "/oauth_config/scopes/bot", "an app with slash commands needs the scope commands"
    for place, command in enumerate(commands):
        yield from ((f"/features/slash_commands/{place}{at}", message) for at, message in _command(command))


def _command(command: Any) -> Iterator[tuple[str, str]]:
    if set(command if isinstance(command, Mapping) else ()) - COMMAND_PARTS:
        yield "", "must NOT have additional properties"
    word = _at(command, "command")
    if not isinstance(word, str) or not re.fullmatch(r"/\S{1,31}", word):
        yield "/command", "must begin with / and have 2 to 32 characters"
    for name, most in (("description", 2000), ("usage_hint", 1000)):
        text = _at(command, name)
        if (text is None and name == "description") or (text is not None and not 0 < len(str(text)) <= most):
            yield f"/{name}", f"must have 1 to {most} characters"
    if not _is_address(_at(command, "url")):
        yield "/url", "must be a valid URL that begins with https://"


def _words(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name = _at(manifest, "display_information", "name")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        yield "/display_information/name", f"must have 1 to {LONGEST_NAME} characters"
    if len(str(_at(manifest, "display_information", "description") or "")) > LONGEST_DESCRIPTION:
        yield "/display_information/description", f"must NOT have more than {LONGEST_DESCRIPTION} characters"
    bot = _at(manifest, "features", "bot_user")
    if not isinstance(bot, Mapping) or not 0 < len(str(bot.get("display_name", ""))) <= LONGEST_BOT_NAME:
        yield "/features/bot_user/display_name", "an app with bot scopes or events needs a bot user with a name"


def _scopes(manifest: Mapping[str, Any]) -> Any:
    return _at(manifest, "oauth_config", "scopes", "bot") or []


def _at(manifest: Any, *path: str) -> Any:
    for name in path:
        manifest = manifest.get(name) if isinstance(manifest, Mapping) else None
    return manifest


def _is_address(url: Any) -> bool:
    """The real Slack takes https alone; here it may also be http on this machine, so that all can be tried on it."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))
