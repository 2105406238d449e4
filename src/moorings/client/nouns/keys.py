"""API keys of the owner to whom the client's own key belongs."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import SecretStr

from moorings.client.answer import Answer, Time
from moorings.client.call import Call, given, path
from moorings.client.operation import Noun, Operation, S


class Key(Answer):
    """What may be shown of a key; None as its environments, networks or end means no bound."""

    id: str
    name: str
    preview: str
    scopes: list[str]
    environments: list[str] | None
    networks: list[str] | None
    created_at: Time
    expires_at: Time | None
    revoked_at: Time | None
    last_used_at: Time | None


class KeyCreated(Key):
    """A new key; `key.get_secret_value()` is the only time that it can be read."""

    key: SecretStr


class KeyRotated(KeyCreated):
    """A new key in place of another, which works until then."""

    previous_id: str
    previous_valid_until: Time


class KeyList(Answer):
    """Keys, the oldest first, revoked ones included; `next_cursor` leads to the next ones, None at the end."""

    data: list[Key]
    total: int
    next_cursor: str | None


class KeyRevoked(Answer):
    """A key has ended."""

    success: bool
    id: str
    message: str


class Keys(Noun[S]):
    """API keys."""

    @Operation
    def list(self, *, limit: int | None = None, cursor: str | None = None) -> Call[KeyList]:
        """A page of the owner's keys; never the keys themselves."""
        return Call("GET", path("api-keys"), KeyList, query=given(limit=limit, cursor=cursor))

    @Operation
    def create(
        self, name: str, scopes: Sequence[str], *, environments: Sequence[str] | None = None,
        networks: Sequence[str] | None = None, expires_at: datetime | None = None, idempotency_key: str | None = None,
    ) -> Call[KeyCreated]:  # fmt: skip
        """A new key with these scopes, bound to what is named; a moment without a zone is taken as local time."""
        end = expires_at.astimezone().isoformat() if expires_at else None
        body = given(name=name, scopes=scopes, environments=environments, networks=networks, expiresAt=end)
        return Call("POST", path("api-keys"), KeyCreated, body=body, idempotency_key=idempotency_key)

    @Operation
    def rotate(
        self, key_id: str, *, grace_seconds: int | None = None, expires_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Call[KeyRotated]:  # fmt: skip
        """A new key with the bounds of this one, which works on for the stated time (an hour, if none is)."""
        end = expires_at.astimezone().isoformat() if expires_at else None
        body = given(graceSeconds=grace_seconds, expiresAt=end)
        return Call("POST", path("api-keys", key_id, "rotate"), KeyRotated, body=body, idempotency_key=idempotency_key)

    @Operation
    def revoke(self, key_id: str) -> Call[KeyRevoked]:
        """End a key at once."""
        return Call("DELETE", path("api-keys", key_id), KeyRevoked)
