"""Proves a token's signature; the one place that knows PyJWT's decoder."""

from typing import Any

import jwt
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWTError

from moorings.errors import ConfigurationError, Unauthenticated
from moorings.sessions.published import Keys

ALGORITHM = "RS256"
LONGEST = 16 * 1024

# Times, issuer and audience are judged by the domain: this library looks at its own clock, and forgets some of them.
_OPTIONS: Any = {
    "verify_signature": True, "enforce_minimum_key_length": True, "verify_exp": False, "verify_nbf": False,
    "verify_iat": False, "verify_aud": False, "verify_iss": False, "verify_sub": False, "verify_jti": False,
}  # fmt: skip


class KeyOfTheOperator:
    """One public key in PEM, given as a setting: tokens are checked without any network."""

    def __init__(self, pem: str) -> None:
        try:
            key = RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(pem.replace("\\n", "\n").strip())
        except (PyJWTError, ValueError, TypeError):
            raise ConfigurationError("MOORINGS_CLERK_JWT_KEY is no RSA public key in PEM.") from None
        if hasattr(key, "private_numbers"):
            raise ConfigurationError("MOORINGS_CLERK_JWT_KEY is a private key; give the public one alone.")
        self._key = key

    async def get(self, key_id: object) -> Any:  # noqa: ARG002 - the contract's signature
        """See `Keys.get`; whatever key a token names, this is the one that must have signed it."""
        return self._key


class Tokens:
    """Checks RS256 signatures, and no other: a token does not choose how it is checked."""

    def __init__(self, keys: Keys) -> None:
        self._keys, self._decoder = keys, jwt.PyJWT(_OPTIONS)

    async def claims(self, token: str) -> dict[str, Any]:
        """What a rightly signed token says; raises `Unauthenticated`, and `IssuerUnavailable` without keys."""
        key = await self._keys.get(_header(token).get("kid"))
        try:
            return self._decoder.decode(token, key, algorithms=[ALGORITHM])
        except (PyJWTError, ValueError, RecursionError):
            raise Unauthenticated("This session token is not accepted: its signature is not right.") from None


def _header(token: str) -> dict[str, Any]:
    if len(token) > LONGEST:
        raise Unauthenticated("This session token is not accepted: it is too long.")
    try:
        header: dict[str, Any] = jwt.get_unverified_header(token)
    except (PyJWTError, ValueError, RecursionError):
        raise Unauthenticated("This session token is not accepted: it cannot be read.") from None
    if header.get("alg") != ALGORITHM or "crit" in header:
        raise Unauthenticated(f"This session token is not accepted: it is not signed with {ALGORITHM} alone.")
    return header
