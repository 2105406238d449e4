from moorings.client.client import AsyncMoorings, Moorings
from moorings.client.errors import (
    ClientError,
    Conflict,
    Detail,
    Forbidden,
    InvalidCall,
    NotFound,
    NotSent,
    NotUnderstood,
    ProviderFailed,
    Refused,
    ServerFailed,
    TooManyCalls,
    Unauthenticated,
    Unreachable,
)
from moorings.client.retries import Retries

__all__ = [
    "AsyncMoorings",
    "ClientError",
    "Conflict",
    "Detail",
    "Forbidden",
    "InvalidCall",
    "Moorings",
    "NotFound",
    "NotSent",
    "NotUnderstood",
    "ProviderFailed",
    "Refused",
    "Retries",
    "ServerFailed",
    "TooManyCalls",
    "Unauthenticated",
    "Unreachable",
]
