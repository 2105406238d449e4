"""Plays the people: they write, make apps of manifests, install anew, regenerate secrets, uninstall."""

from collections.abc import Callable, Mapping
from typing import Any

from moorings.emulators.contract import Answer, Call, Outbound, Sequel
from moorings.emulators.script import read
from moorings.emulators.slack import deeds, interactions, manifests
from moorings.emulators.slack.answers import Json
from moorings.emulators.slack.apps import App, Apps, Grant
from moorings.emulators.slack.events import FORM, Dispatch, send, verify, written
from moorings.emulators.slack.workspace import ALEX, Channel, Workspace
from moorings.errors import Detail, InvalidRequest, MethodNotAllowed, NotFound

OK = 200


class People:
    """Everybody on Slack's side, and what was sent because of them."""

    def __init__(self, apps: Apps, workspace: Workspace, now: Callable[[], float]) -> None:
        self._apps, self._workspace, self._now = apps, workspace, now
        self._dispatches: list[Dispatch] = []
        self.ahead = 0.0

    def play(self, call: Call) -> Answer:
        """See `Playable.play`."""
        name = call.path.removeprefix("/")
        if name not in DEEDS:
            raise NotFound(f"Nobody does that here; there is {', '.join(DEEDS)}.")
        method, form, deed = DEEDS[name]
        if call.method != method:
            raise MethodNotAllowed(f"This path takes {method}.")
        return deed(self, read(form, call.body or b"{}", "something that somebody does") if form else call)

    def apps(self, _: Call) -> Answer:
        """Every app with its secrets and tokens."""
        return Answer(OK, {"apps": [self._shown(app) for app in self._apps.apps.values()]})

    def messages(self, call: Call) -> Answer:
        """What stands in a channel, answers in threads included."""
        channel = self._workspace.channel(call.query.get("channel", ["general"])[0])
        if channel is None:
            raise NotFound("There is no such channel.")
        return Answer(OK, {"messages": [channel.messages[ts] for ts in sorted(channel.messages)]})

    def deliveries(self, _: Call) -> Answer:
        """What was sent to apps, and what they said."""
        return Answer(OK, {"deliveries": [dispatch.shown() for dispatch in self._dispatches]})

    def create_app(self, deed: deeds.CreateApp) -> Answer:
        """See `CreateApp`."""
        found = manifests.problems(deed.manifest)
        if found:
            raise InvalidRequest("invalid_manifest", [Detail(entry["pointer"], entry["message"]) for entry in found])
        app = manifests.created(self._apps, deed.manifest, deed.team, f"Workspace {deed.team}")
        self._apps.grant(app, app.scopes, self._now())
        return Answer(OK, self._shown(app))

    def request_url(self, deed: deeds.RequestUrl) -> Answer:
        """See `RequestUrl`."""
        app = self._app(deed.app)
        app.request_url, app.request_url_verified = deed.url or app.request_url, False
        challenge = f"emulated-challenge-{self._apps.next():08d}"

        async def verified(outbound: Outbound) -> None:
            self._dispatches.append(await verify(app, outbound, challenge, self._now))

        return Answer(OK, self._shown(app), then=verified)

    def write(self, deed: deeds.Write) -> Answer:
        """See `Write`."""
        app = self._app(deed.app)
        channel = self._workspace.channel(deed.channel)
        if deed.channel in (app.name, app.bot_user_id):
            channel = self._workspace.direct(deed.user)
        if channel is None:
            raise NotFound("There is no such channel.")
        thread = {"thread_ts": deed.thread_ts} if deed.thread_ts else {}
        message = self._workspace.write(channel, deed.user, {"text": deed.text, "team": app.team_id, **thread})
        return self._sent(app, deed, [event for event in _told(app, channel, message) if app.hears(event)], message)

    def posted(self, channel: Channel, message: Json) -> Sequel:
        """What follows a message of a bot: the apps in the channel hear of it, its own among them."""
        told = [
            Dispatch(app, app.request_url, written(app, event, f"Ev{self._apps.next():010d}", self._now()))
            for app in self._apps.apps.values()
            for event in _told(app, channel, message)
            if app.request_url and channel.holds(app) and app.hears(event)
        ]
        return self._delivering(told)

    def token_revoked(self, grant: Grant) -> Sequel:
        """What follows the end of a token: its app hears of it, where it wants to."""
        app, kind = grant.app, "bot" if grant.kind == "bot" else "oauth"
        person = app.bot_user_id if kind == "bot" else ALEX
        event: Json = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [], kind: [person]}}
        body = written(app, event, f"Ev{self._apps.next():010d}", self._now())
        return self._delivering([Dispatch(app, app.request_url, body)] if app.request_url and app.hears(event) else [])

    def happen(self, deed: deeds.Event) -> Answer:
        """See `Event`."""
        return self._sent(self._app(deed.app), deed, [deed.event], deed.event)

    def command(self, deed: deeds.Command) -> Answer:
        """See `Command`."""
        app = self._app(deed.app)
        url = deed.url or app.command_urls.get(deed.command)
        if url is None:
            raise NotFound("The app has no such command.")
        typed = interactions.typed(app, self._channel(deed.channel), deed, self._trigger())
        return self._asked(app, url, typed, deed)

    def press(self, deed: deeds.Press) -> Answer:
        """See `Press`."""
        app = self._app(deed.app)
        channel = self._channel(deed.channel)
        ts = deed.ts or max(channel.messages, default="")
        if ts not in channel.messages:
            raise NotFound("There is no such message.")
        pressed = interactions.pressed(app, channel, channel.messages[ts], deed, self._trigger())
        return self._asked(app, deed.url or app.interactivity_url, pressed, deed)

    def repeat(self, deed: deeds.Sent) -> Answer:
        """The last event comes once more, under the same id."""
        if not self._dispatches:
            raise InvalidRequest("Nothing was sent yet.")
        last = self._dispatches[-1]
        url = deed.url or last.url
        dispatches = [Dispatch(last.app, url, last.body, deed.manner, last.media_type) for _ in range(deed.times)]
        return self._dispatched(dispatches, {"repeated": deed.times})

    def regenerate(self, deed: deeds.Deed) -> Answer:
        """A new signing secret; the one before still signs what is sent in the manner `previous`."""
        app = self._app(deed.app)
        app.signing_secrets.append(f"emulated{self._apps.next():010d}signingsecret0")
        return Answer(OK, self._shown(app))

    def reinstall(self, deed: deeds.Deed) -> Answer:
        """A new bot token of the same app and bot; the old ones are revoked."""
        app = self._app(deed.app)
        self._apps.revoke(app, "token_revoked")
        self._apps.grant(app, app.scopes, self._now())
        return Answer(OK, self._shown(app))

    def uninstall(self, deed: deeds.Deed) -> Answer:
        """The app is removed from the workspace, and is told so."""
        app = self._app(deed.app)
        self._apps.revoke(app, "account_inactive")
        events: list[Json] = [
            {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [app.bot_user_id]}}, {"type": "app_uninstalled"},
        ]  # fmt: skip
        return self._sent(app, deeds.Sent(app=app.id), events, self._shown(app))

    def rotation(self, deed: deeds.Rotation) -> Answer:
        """See `Rotation`."""
        app = self._app(deed.app)
        app.rotates = True
        return Answer(OK, self._shown(app))

    def token(self, deed: deeds.Token) -> Answer:
        """See `Token`."""
        grant = self._apps.grants.get(deed.token)
        if grant is None:
            raise NotFound("There is no such token; GET apps lists them.")
        grant.error = deed.error
        return Answer(OK, self._shown(grant.app))

    def membership(self, deed: deeds.Membership) -> Answer:
        """See `Membership`."""
        app, channel = self._app(deed.app), self._workspace.channel(deed.channel)
        if channel is None:
            raise NotFound("There is no such channel.")
        members = channel.bots if channel.bots is not None else {one.bot_user_id for one in self._apps.apps.values()}
        channel.bots = members | {app.bot_user_id} if deed.member else members - {app.bot_user_id}
        return Answer(OK, channel.shown(app))

    def clock(self, deed: deeds.Clock) -> Answer:
        """See `Clock`."""
        self.ahead = deed.ahead_seconds
        return Answer(OK, {"now": int(self._now())})

    def _asked(self, app: App, url: str, body: bytes, deed: deeds.Sent) -> Answer:
        """The same request as often as the deed says: Slack itself would send it once."""
        if not url:
            raise InvalidRequest("The app has no address for this; give a url.")
        dispatches = [Dispatch(app, url, body, deed.manner, FORM) for _ in range(deed.times)]
        return self._dispatched(dispatches, {"sent": body.decode()})

    def _trigger(self) -> str:
        return f"{self._apps.next():013d}.emulated.trigger"

    def _channel(self, name: str) -> Channel:
        channel = self._workspace.channel(name)
        if channel is None:
            raise NotFound("There is no such channel.")
        return channel

    def _sent(self, app: App, deed: deeds.Sent, events: list[Json], told: Json) -> Answer:
        url = deed.url or app.request_url
        if not url:
            return Answer(OK, told)
        bodies = [written(app, event, f"Ev{self._apps.next():010d}", self._now()) for event in events * deed.times]
        if deed.manner == "garbage":
            bodies = [b"\xff\xfe{" + body for body in bodies]
        return self._dispatched([Dispatch(app, url, body, deed.manner) for body in bodies], told)

    def _dispatched(self, dispatches: list[Dispatch], told: Json) -> Answer:
        return Answer(OK, told, then=self._delivering(dispatches))

    def _delivering(self, dispatches: list[Dispatch]) -> Sequel:
        async def deliver(outbound: Outbound) -> None:
            for dispatch in dispatches:
                self._dispatches.append(dispatch)
                await send(dispatch, outbound, self._now)

        return deliver

    def _app(self, app_id: str) -> App:
        if app_id not in self._apps.apps:
            raise NotFound("There is no such app; GET apps lists them.")
        return self._apps.apps[app_id]

    def _shown(self, app: App) -> Json:
        grants = [grant for grant in self._apps.grants.values() if grant.app is app]
        bot = [grant.token for grant in grants if grant.kind == "bot" and not grant.error]
        return {
            "appId": app.id, "name": app.name, "teamId": app.team_id, "botId": app.bot_id,
            "botUserId": app.bot_user_id, "clientId": app.client_id, "clientSecret": app.client_secret,
            "signingSecret": app.signing_secrets[-1], "botToken": bot[-1] if bot else None, "rotates": app.rotates,
            "requestUrl": app.request_url, "requestUrlVerified": app.request_url_verified,
        }  # fmt: skip


def _told(app: App, channel: Channel, message: Json) -> list[Json]:
    """The events of a message: itself, and that it mentions the app's bot."""
    place = {"channel": channel.id, "event_ts": message["ts"]}
    events = [{**message, **place, "channel_type": channel.event_kind}]
    if f"<@{app.bot_user_id}>" in message["text"]:
        events.append({**message, **place, "type": "app_mention"})
    return events


DEEDS: Mapping[str, tuple[str, type[deeds.Deed] | None, Callable[[People, Any], Answer]]] = {
    "apps": ("GET", None, People.apps),
    "messages": ("GET", None, People.messages),
    "deliveries": ("GET", None, People.deliveries),
    "create-app": ("POST", deeds.CreateApp, People.create_app),
    "request-url": ("POST", deeds.RequestUrl, People.request_url),
    "message": ("POST", deeds.Write, People.write),
    "event": ("POST", deeds.Event, People.happen),
    "command": ("POST", deeds.Command, People.command),
    "press": ("POST", deeds.Press, People.press),
    "repeat": ("POST", deeds.Sent, People.repeat),
    "signing-secret": ("POST", deeds.Deed, People.regenerate),
    "reinstall": ("POST", deeds.Deed, People.reinstall),
    "uninstall": ("POST", deeds.Deed, People.uninstall),
    "rotation": ("POST", deeds.Rotation, People.rotation),
    "token": ("POST", deeds.Token, People.token),
    "membership": ("POST", deeds.Membership, People.membership),
    "clock": ("POST", deeds.Clock, People.clock),
}
