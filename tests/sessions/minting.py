"""Session tokens in both of Clerk's versions, and an issuer that publishes its keys."""

from datetime import datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwt.algorithms import RSAAlgorithm

ISSUER = "https://clerk.example.com"
KEY_ID = "ins_1"


@cache
def key(name: str = KEY_ID, bits: int = 2048) -> RSAPrivateKey:
    """One private key for each name."""
    return generate_private_key(65537, bits)


def pem(name: str = KEY_ID) -> str:
    """The public key as a setting holds it."""
    return key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_pem() -> str:
    """The private key, which nobody should give us."""
    return key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def jwk(name: str = KEY_ID, **more: object) -> dict[str, Any]:
    """The public key as it is published."""
    found: dict[str, Any] = RSAAlgorithm.to_jwk(key(name).public_key(), as_dict=True)
    return {**found, "kid": name, "use": "sig", "alg": "RS256", **more}


def claims(now: datetime, **more: object) -> dict[str, Any]:
    """What a token says, in the second version, with nobody's organisation; None takes a claim away."""
    seconds = int(now.timestamp())
    usual = {
        "v": 2, "iss": ISSUER, "sub": "user_ada", "sid": "sess_1", "sts": "active", "azp": "https://app.example.com",
        "iat": seconds, "nbf": seconds - 10, "exp": seconds + 60, "fva": [0, -1], "pla": "u:free",
    }  # fmt: skip
    return {name: value for name, value in {**usual, **more}.items() if value is not None}


def member_of(organisation: str, role: str) -> dict[str, Any]:
    """An active organisation in the second version."""
    return {"o": {"id": organisation, "slg": "acme", "rol": role, "per": "manage,read", "fpm": "3,2"}}


def token(now: datetime, signer: str = KEY_ID, *, key_id: str | None = None, **more: object) -> str:
    """A signed token."""
    return jwt.encode(claims(now, **more), key(signer), "RS256", headers={"kid": key_id or signer})
