"""API keys of the caller's own owner."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from moorings.domain.ids import KEY, is_id
from moorings.errors import KeyNotFound
from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of
from moorings.http.openapi import errors
from moorings.http.paths import KeyId
from moorings.http.schemas.api_keys import CreateKey, KeyCreated, KeyList, KeyOut, KeyRevoked

router = APIRouter(prefix="/v1/api-keys", tags=["API keys"])


@router.post(
    "",
    summary="Create an API key",
    operation_id="createApiKey",
    status_code=201,
    response_model=KeyCreated,
    responses=errors(400, 401, 403, 409, 413, 500),
    openapi_extra=body.documented(CreateKey),
)
async def create_key(request: Request) -> Response:
    """A new key, shown this once. Nobody can hand out more than they may do themselves."""
    given = await body.body_of(request, CreateKey)
    key, token = await hub_of(request).api_keys.create(caller_of(request), given.wish())
    return answer(KeyCreated.with_token(key, token.reveal()), 201)


@router.get(
    "",
    summary="List API keys",
    operation_id="listApiKeys",
    response_model=KeyList,
    responses=errors(401, 403, 500),
)
async def list_keys(request: Request) -> Response:
    """All keys of the caller's owner, the oldest first; never the keys themselves."""
    keys = [KeyOut.of(key) for key in await hub_of(request).api_keys.every(caller_of(request))]
    return answer(KeyList(data=keys, total=len(keys)))


@router.delete(
    "/{keyId}",
    summary="Revoke an API key",
    operation_id="revokeApiKey",
    response_model=KeyRevoked,
    responses=errors(401, 403, 404, 500),
)
async def revoke_key(request: Request, keyId: KeyId) -> Response:  # noqa: N803 - camelCase, as all of the API
    """End a key at once, on every server process."""
    if not is_id(keyId, KEY):
        raise KeyNotFound("There is no API key of this id; GET /v1/api-keys lists them.")
    await hub_of(request).api_keys.revoke(caller_of(request), keyId)
    return answer(KeyRevoked(success=True, id=keyId, message="The key is revoked; calls with it are refused now."))
