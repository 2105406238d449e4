"""Who may call: API keys, the keys of this process, and people signed in elsewhere."""

from collections.abc import Mapping

from moorings.app.clock import now
from moorings.app.ground import Ground
from moorings.domain.api_key import hash_of
from moorings.domain.caller import Caller
from moorings.domain.session import Policy
from moorings.errors import ConfigurationError
from moorings.providers.documents import document
from moorings.services.access import Access
from moorings.services.key_uses import KeyUses
from moorings.services.owners import administrator
from moorings.services.sessions import Sessions

KEYS_LIMIT = 256 * 1024
"""Bytes of a set of keys; Clerk's has one key and 600 bytes."""


def wired(ground: Ground, callers: Mapping[bytes, Caller], uses: KeyUses) -> Access:
    """What tells from a key or a session who calls."""
    return Access(ground.database, now, callers, _sessions(ground), uses.note)


async def standing(ground: Ground, keys: Mapping[str, str | None]) -> Mapping[bytes, Caller]:
    """The callers behind keys that are in no database: those given, each with its owner's name, and the setting's."""
    owners, setting = ground.owners, ground.settings.admin_key
    await owners.oldest()
    callers = {hash_of(key): administrator(await owners.find(name)) for key, name in keys.items()}
    if setting is not None:
        callers[hash_of(setting.get_secret_value())] = administrator(await owners.find(None), "admin-key")
    return callers


def _sessions(ground: Ground) -> Sessions | None:
    """Who signs in at the issuer that the settings name, None where they name none."""
    settings, issuer = ground.settings, ground.settings.clerk_issuer
    if issuer is None:
        if settings.clerk_jwks_url or settings.clerk_jwt_key:
            raise ConfigurationError("The session issuer's keys are given and MOORINGS_CLERK_ISSUER is not.")
        return None
    # Only who has an issuer pays for loading what checks its tokens.
    from moorings.sessions.published import PublishedKeys
    from moorings.sessions.tokens import KeyOfTheOperator, Tokens

    policy = Policy(issuer, frozenset(settings.clerk_authorized_parties), frozenset(settings.clerk_audiences))
    if settings.clerk_jwt_key is not None:
        return Sessions(Tokens(KeyOfTheOperator(settings.clerk_jwt_key)).claims, policy, ground.owners, now)
    url = settings.clerk_jwks_url or f"{issuer.rstrip('/')}/.well-known/jwks.json"
    keys = PublishedKeys(lambda: document(ground.transport, url, KEYS_LIMIT), now)
    return Sessions(Tokens(keys).claims, policy, ground.owners, now)
