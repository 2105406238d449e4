"""Where an installation's events go, and the secret that signs them."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of, json_answer, renderer_of
from moorings.http.operation import Operation
from moorings.http.paths import IntegrationId
from moorings.http.routing import Router
from moorings.http.schemas.events import ChangeInstallation, ForwardSecretOut, RenewForwardSecret
from moorings.http.schemas.integrations import InstallationOut
from moorings.services.forwarding import Change

router = Router(prefix="/v1/integrations", tag="Integrations")


@router.patch(
    "/{integrationId}",
    Operation(
        id="changeInstallation",
        summary="Change an installation",
        answer=InstallationOut,
        body=ChangeInstallation,
        errors=(400, 401, 403, 404, 413, 500),
    ),
)
async def change_installation(request: Request, integrationId: IntegrationId) -> Response:  # noqa: N803 - the contract's name
    """Another name or forward address; an address that was switched off is used again once it is given anew."""
    given, renders = await body.body_of(request, ChangeInstallation), renderer_of(request)
    change = Change(given.name, given.forward_url, "forward_url" in given.model_fields_set)
    installation = await hub_of(request).forwarding.change(caller_of(request), integrationId, change)
    return json_answer(renders.json(renders.installation(installation)))


@router.post(
    "/{integrationId}/forward-secret",
    Operation(
        id="renewForwardSecret",
        summary="Renew a forward secret",
        answer=ForwardSecretOut,
        body=RenewForwardSecret,
        errors=(400, 401, 403, 404, 409, 413, 500),
    ),
)
async def renew_forward_secret(request: Request, integrationId: IntegrationId) -> Response:  # noqa: N803 - the contract's name
    """A new secret to check deliveries with, shown this once; the one before stays good for a while."""
    given = await body.body_of(request, RenewForwardSecret)
    grace = timedelta(seconds=given.grace_seconds)
    renewed = await hub_of(request).forwarding.renew_secret(caller_of(request), integrationId, grace)
    shown = ForwardSecretOut(
        success=True, integration_id=renewed.installation.id, secret=renewed.secret.reveal(),
        previous_valid_until=renewed.previous_until,
    )  # fmt: skip
    return answer(shown)
