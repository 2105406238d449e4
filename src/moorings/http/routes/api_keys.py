"""API keys of the caller's own owner."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from moorings.domain.ids import KEY, is_id
from moorings.errors import Detail, InvalidRequest, KeyNotFound
from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of
from moorings.http.operation import Operation
from moorings.http.paging import USUAL, Cursor, Limit
from moorings.http.paths import KeyId
from moorings.http.query import Query, query_of
from moorings.http.routing import Router
from moorings.http.schemas.api_keys import (
    CreateKey,
    KeyCreated,
    KeyList,
    KeyOut,
    KeyRevoked,
    KeyRotated,
    RotateKey,
)

router = Router(prefix="/v1/api-keys", tag="API keys")


class ListQuery(Query):
    """Which page of the keys."""

    limit: Limit = USUAL
    cursor: Cursor = Field(None, examples=["key_01kb0h6v3m8x2q4r5s6t7v8w9x"])


@router.post(
    "",
    Operation(
        id="createApiKey",
        summary="Create an API key",
        answer=KeyCreated,
        status=201,
        body=CreateKey,
        errors=(400, 401, 403, 409, 413, 500),
    ),
)
async def create_key(request: Request) -> Response:
    """A new key, shown this once. Nobody can hand out more than they may do themselves."""
    given = await body.body_of(request, CreateKey)
    key, token = await hub_of(request).api_keys.create(caller_of(request), given.wish())
    return answer(KeyCreated.with_token(key, token.reveal()), 201)


@router.get(
    "",
    Operation(
        id="listApiKeys",
        summary="List API keys",
        answer=KeyList,
        query=ListQuery,
        errors=(400, 401, 403, 500),
    ),
)
async def list_keys(request: Request) -> Response:
    """The keys of the caller's owner, the oldest first; never the keys themselves."""
    query = query_of(request, ListQuery)
    if query.cursor is not None and not is_id(query.cursor, KEY):
        raise InvalidRequest("This is no cursor.", [Detail("cursor", "Send the nextCursor of the page before.")])
    page = await hub_of(request).api_keys.page(caller_of(request), query.cursor or "", query.limit)
    return answer(KeyList(data=[KeyOut.of(key) for key in page.keys], total=page.total, next_cursor=page.after))


@router.post(
    "/{keyId}/rotate",
    Operation(
        id="rotateApiKey",
        summary="Rotate an API key",
        answer=KeyRotated,
        status=201,
        body=RotateKey,
        errors=(400, 401, 403, 404, 409, 413, 500),
    ),
)
async def rotate_key(request: Request, keyId: KeyId) -> Response:  # noqa: N803 - camelCase, as all of the API
    """A new key with the bounds of an old one, shown this once; the old one works on for the stated time."""
    given = await body.body_of(request, RotateKey)
    rotated = await hub_of(request).api_keys.rotate(caller_of(request), _known(keyId), given.wish())
    return answer(KeyRotated.of_rotation(rotated), 201)


@router.delete(
    "/{keyId}",
    Operation(
        id="revokeApiKey",
        summary="Revoke an API key",
        answer=KeyRevoked,
        errors=(401, 403, 404, 500),
    ),
)
async def revoke_key(request: Request, keyId: KeyId) -> Response:  # noqa: N803 - camelCase, as all of the API
    """End a key at once, on every server process."""
    await hub_of(request).api_keys.revoke(caller_of(request), _known(keyId))
    return answer(KeyRevoked(success=True, id=keyId, message="The key is revoked; calls with it are refused now."))


def _known(key_id: str) -> str:
    """The same id; what does not even look like one is not found without asking."""
    if not is_id(key_id, KEY):
        raise KeyNotFound("There is no active API key of this id; GET /v1/api-keys lists them.")
    return key_id
