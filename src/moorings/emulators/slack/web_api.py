"""The Web API itself: a bearer token, methods as GET and as POST, and every error but a rate limit with 200."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from moorings.emulators.arguments import Arguments, arguments
from moorings.emulators.contract import Answer, Call, Sequel
from moorings.emulators.slack import files, manifests, methods, oauth
from moorings.emulators.slack.answers import Json, Refused, done
from moorings.emulators.slack.apps import CONFIGURATION_TOKEN, SIGNING_SECRET, TOKEN, Apps, Grant
from moorings.emulators.slack.people import People
from moorings.emulators.slack.workspace import Workspace

ID = "slack"
Method = Callable[[Workspace, Grant, Arguments], Answer]

METHODS: Mapping[str, tuple[Method, str]] = {
    "chat.postMessage": (methods.post_message, "chat:write"),
    "chat.update": (methods.update, "chat:write"),
    "chat.delete": (methods.delete, "chat:write"),
    "reactions.add": (methods.add_reaction, "reactions:write"),
    "conversations.list": (methods.list_conversations, "channels:read"),
    "conversations.history": (methods.history, "channels:history"),
    "conversations.replies": (methods.replies, "channels:history"),
    "users.list": (methods.list_users, "users:read"),
    "users.lookupByEmail": (methods.lookup_by_email, "users:read.email"),
    "files.completeUploadExternal": (files.complete, "files:write"),
}


class Slack:
    """Accepts the tokens that were granted until they are revoked or have ended; `now` tells the time in seconds."""

    integration_id = ID

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._clock = now
        self.reset()

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"botToken": TOKEN, "signingSecret": SIGNING_SECRET}

    def reset(self) -> None:
        """Everything as it was in the beginning."""
        self.apps, self.workspace = Apps(), Workspace(self._now)
        self._people = People(self.apps, self.workspace, self._now)
        self.workspace.begin(next(iter(self.apps.apps.values())))

    def play(self, call: Call) -> Answer:
        """See `Playable.play`."""
        return self._people.play(call)

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`; other addresses of Slack lie below `/@host`."""
        try:
            return self._answered(call, call.path.removeprefix("/@slack.com").removeprefix("/api"))
        except Refused as error:
            return error.answer

    def _now(self) -> float:
        return self._clock() + self._people.ahead

    def _answered(self, call: Call, path: str) -> Answer:
        given = arguments(call)
        if path == oauth.AUTHORIZE:
            return oauth.authorize(self.apps, given, self._now())
        if path.startswith(files.PATH):
            return files.take(self.workspace, call)
        match method := path.removeprefix("/"):
            case "oauth.v2.access":
                return oauth.access(self.apps, call, given, self._now())
            case "oauth.v2.exchange":
                return oauth.exchange(self.apps, call, given, self._now())
            case "apps.manifest.validate":
                return self._validated(call, given)
        grant = self._grant(call, given)
        return replace(self._called(method, grant, given, call), headers={"x-oauth-scopes": ",".join(grant.scopes)})

    def _called(self, method: str, grant: Grant, given: Arguments, call: Call) -> Answer:
        match method:
            case "auth.test":
                left = {"expires_in": int(grant.expires_at - self._now())} if grant.expires_at else {}
                return done(**{**grant.app.identity(bot=grant.kind == "bot"), **left})
            case "auth.revoke":
                answer = oauth.revoke(grant, given)
                return replace(answer, then=self._people.token_revoked(grant) if grant.error else None)
            case "files.getUploadURLExternal":
                _require(grant, "files:write")
                return files.upload_url(self.workspace, given, call)
        if method not in METHODS:
            raise Refused("unknown_method", req_method=method)
        function, scope = METHODS[method]
        _require(grant, scope)
        answer = function(self.workspace, grant, given)
        return replace(answer, then=self._posted(answer.body)) if method == "chat.postMessage" else answer

    def _posted(self, posted: Json) -> Sequel:
        return self._people.posted(self.workspace.channels[posted["channel"]], posted["message"])

    def _grant(self, call: Call, given: Arguments) -> Grant:
        token = oauth.shown_token(call, given)
        if not token:
            raise Refused("not_authed")
        grant = self.apps.grants.get(token)
        if grant is None:
            raise Refused("not_allowed_token_type" if token.startswith("xapp-") else "invalid_auth")
        if grant.error:
            raise Refused(grant.error)
        if grant.expires_at is not None and grant.expires_at <= self._now():
            raise Refused("token_expired")
        return grant

    def _validated(self, call: Call, given: Arguments) -> Answer:
        if oauth.shown_token(call, given) != CONFIGURATION_TOKEN:
            raise Refused("invalid_auth")
        found = manifests.problems(given.value("manifest"))
        if found:
            raise Refused("invalid_manifest", errors=found)
        return done()


def _require(grant: Grant, scope: str) -> None:
    if scope not in grant.scopes:
        raise Refused("missing_scope", needed=scope, provided=",".join(grant.scopes))


EMULATOR = Slack()
