"""What a provider's adapter may be asked to do; one Protocol per ability."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from moorings.domain.bot import AppForm, SlackBot, SlackGrant, SlashCommand, TelegramBot, Webhook
from moorings.domain.credential import Verification
from moorings.domain.event import Received
from moorings.domain.run import Run
from moorings.domain.secret import Secret, SecretFields
from moorings.domain.tool import Tool
from moorings.domain.vector import Collection, Examination, Index, NewIndex


class Verifier(Protocol):
    """Proves credentials by asking their provider."""

    async def verify(self, fields: SecretFields) -> Verification:
        """Return what the provider says we are.

        Raises `CredentialsRejected` when it says no, `ProviderFailed` or `ProviderTimeout` when it cannot be asked.
        """
        ...


class ToolRunner(Protocol):
    """Uses credentials for a tool, and hands out what comes back without them."""

    async def run(self, tool: Tool, fields: SecretFields, parameters: Mapping[str, Any]) -> Run:
        """Return the provider's answer, a refusal included; `parameters` follow the tool's schema.

        Raises `InvalidRequest` for a value that would leave its place in the request, `CredentialsRejected` when the
        credentials are no longer exchanged for a token, `ProviderFailed` or `ProviderTimeout` when there is no answer.
        """
        ...


class Revoker(Protocol):
    """Ends credentials at their provider."""

    async def revoke(self, fields: SecretFields) -> None:
        """Return when the provider has confirmed.

        Raises `CredentialsRejected` when it does not know them any more, `ProviderFailed` or `ProviderTimeout` when it
        cannot be told, or does not do it.
        """
        ...


class Messenger(Protocol):
    """Knows whose bot a token is in a workspace, and how an app is let into one.

    Every method raises `CredentialsRejected` when the provider says no, `ProviderFailed` or `ProviderTimeout` when it
    cannot be asked.
    """

    async def bot(self, token: Secret) -> SlackBot:
        """Whose bot it is."""
        ...

    def app(self, name: str, events_url: str, redirect_url: str, commands: Sequence[SlashCommand] = ()) -> AppForm:
        """An app's manifest for the provider's own page, and that page's address."""
        ...

    def authorize_url(self, client_id: str, scopes: Sequence[str], redirect_uri: str, state: str) -> str:
        """Where a person lets the app in; without scopes, for those that our tools and events need."""
        ...

    async def exchange(self, client_id: Secret, client_secret: Secret, code: Secret, redirect_uri: str) -> SlackGrant:
        """What the code of a person who let the app in is worth."""
        ...

    async def refresh(self, client_id: Secret, client_secret: Secret, refresh_token: Secret) -> SlackGrant:
        """A new pair; the refresh token that was used is worth nothing any more."""
        ...


class BotHost(Protocol):
    """Runs bots: tells whose a token is, sends their updates, and replaces the tokens of those that another manages.

    Every method raises `CredentialsRejected` when the token is not known, `ProviderFailed` or `ProviderTimeout` when
    the provider cannot be asked or does not do it.
    """

    async def me(self, token: Secret) -> TelegramBot:
        """Whose token it is."""
        ...

    async def set_webhook(self, token: Secret, webhook: Webhook) -> None:
        """Send the bot's updates to an address of ours."""
        ...

    async def webhook_url(self, token: Secret) -> str:
        """Where the bot's updates are sent; empty for nowhere."""
        ...

    async def delete_webhook(self, token: Secret, *, drop_pending: bool = False) -> None:
        """Send them nowhere any more."""
        ...

    async def updates(
        self, token: Secret, offset: int | None, seconds: int, wanted: Sequence[str]
    ) -> Sequence[Mapping[str, Any]]:
        """Those from `offset` on, waiting for so many seconds where there are none; what lies before is forgotten."""
        ...

    async def managed_token(self, manager: Secret, bot_id: int) -> Secret:
        """The present token of a bot that the manager manages."""
        ...

    async def replace_managed_token(self, manager: Secret, bot_id: int) -> Secret:
        """A new token; the one before is worth nothing any more."""
        ...


class VectorStore(Protocol):
    """Knows one kind of vector store: whether a configuration of it works, and how its tools are run."""

    def checked(self, fields: SecretFields) -> SecretFields:
        """The fields of a configuration, put right; raises `InvalidCredentials` with every one that cannot be."""
        ...

    def same_place(self, before: SecretFields, after: SecretFields) -> bool:
        """Whether what is kept secret in one may be shown where the other leads."""
        ...

    async def examine(self, fields: SecretFields) -> Examination:
        """Look whether the fields work, and what is there.

        Raises `CredentialsRejected` when the store says no, `ProviderFailed` or `ProviderTimeout` when it cannot be
        asked, `AddressRefused` when its address leads to where nothing may go.
        """
        ...

    def knowing(self, facts: Mapping[str, Any]) -> ToolRunner:
        """What runs its tools, knowing what an examination has found."""
        ...


class IndexStore(Protocol):
    """What makes and lists the indexes of an account."""

    async def indexes(self, fields: SecretFields) -> Sequence[Index]:
        """All of them."""
        ...

    async def create_index(self, fields: SecretFields, wish: NewIndex) -> Index:
        """A new one; raises `IndexExists`."""
        ...


class CollectionStore(Protocol):
    """What lists the collections of a server."""

    async def collections(self, fields: SecretFields) -> Sequence[Collection]:
        """All of them."""
        ...


class Inbound(Protocol):
    """Knows the calls that a provider makes to us; `fields` are those of a credential that it needs for that."""

    fields: frozenset[str]

    def verify(self, headers: Mapping[str, str], body: bytes, fields: SecretFields, now: datetime) -> None:
        """Raise `WebhookRefused` unless the holder of these credentials' secrets has sent exactly this, just now.

        The names of headers are in lower case. It takes the same time whatever is wrong.
        """
        ...

    def read(self, body: bytes) -> Received:
        """What a verified call tells; raises `InvalidBody` for what cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Provider:
    """What can be asked of one provider; None where it has no such ability."""

    verifier: Verifier | None
    runner: ToolRunner | None
    messenger: Messenger | None = None
    bot_host: BotHost | None = None
    store: VectorStore | None = None
    indexes: IndexStore | None = None
    collections: CollectionStore | None = None
    inbound: Inbound | None = None
    revoker: Revoker | None = None
