"""Call 7: a Telegram bot is installed by its token; and is given another when @BotFather has made one."""

from starlette.requests import Request
from starlette.responses import Response

from moorings.http import body
from moorings.http.calls import answer, caller_of, hub_of
from moorings.http.operation import Operation
from moorings.http.routing import Router
from moorings.http.schemas.telegram import (
    InstallTelegram,
    RotateTelegram,
    TelegramInstallation,
    TelegramRotation,
)

router = Router(prefix="/v1/integrations/telegram", tag="Integrations")


@router.post(
    "/install",
    Operation(
        id="installTelegramIntegration",
        summary="Install Telegram integration",
        answer=TelegramInstallation,
        status=201,
        body=InstallTelegram,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def install_telegram(request: Request) -> Response:
    """Ask Telegram whose token it is, store it sealed, and have the bot's updates sent here."""
    given = await body.body_of(request, InstallTelegram)
    telegram, caller = hub_of(request).telegram, caller_of(request)
    installed = await telegram.install(caller, given.token(), given.wish(), drop_pending=given.drop_pending_updates)
    return answer(TelegramInstallation.of(installed), 201)


@router.post(
    "/rotate",
    Operation(
        id="rotateTelegramBotToken",
        summary="Rotate Telegram bot token",
        answer=TelegramRotation,
        body=RotateTelegram,
        errors=(400, 401, 403, 404, 409, 413, 500, 502, 504),
    ),
)
async def rotate_telegram(request: Request) -> Response:
    """Take the token that @BotFather gave in place of one that it revoked; another bot's changes nothing."""
    given = await body.body_of(request, RotateTelegram)
    replaced = await hub_of(request).telegram.rotate(caller_of(request), given.integration_id, given.token())
    return answer(TelegramRotation.of(replaced))
