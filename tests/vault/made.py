"""Keys and records made for the tests of the vault."""

import base64
from datetime import UTC, datetime

from moorings.domain.credential import CredentialRef, StoredSecret
from moorings.domain.secret import Secret
from moorings.vault.envelope import Key
from moorings.vault.keyring import Keyring, KeyText
from moorings.vault.vault import Vault

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
OWNER_KEY = Key("okey_01arz3ndektsv4rrffq69g5fav", bytes(range(32)))
REF = CredentialRef("org_1", "firecrawl", "production")
FIELDS = {"apiKey": Secret("fc-0123456789abcdef"), "region": Secret("eu")}


def base64_key(first: int = 0) -> str:
    """Thirty-two bytes in base64, the first of them this one."""
    return base64.b64encode(bytes((first + place) % 256 for place in range(32))).decode()


def vault_with(**roots: int) -> Vault:
    """A vault whose root keys are these, each with the first byte of its material."""
    return Vault(Keyring(KeyText(",".join(f"{name}:{base64_key(first)}" for name, first in roots.items()))))


def sealed(
    vault: Vault, ref: CredentialRef = REF, revision: str = "rev_1", integration: str = "firecrawl", **fields: str
) -> StoredSecret:
    """A record that was sealed and stamped in its place."""
    values = {name: Secret(value) for name, value in fields.items()} or FIELDS
    data = vault.seal(OWNER_KEY, ref, integration, values, revision)
    return StoredSecret(ref, integration, data, tuple(values), revision, vault.stamp(OWNER_KEY, ref, revision))
