"""Requests for managed bots; never a token."""

from typing import Literal

from pydantic import Field

from moorings.domain.managed_bot import ManagedRequest
from moorings.http.schemas.integrations import ForwardUrl, ServedEnvironment
from moorings.http.schemas.part import Answer, Given, Time
from moorings.services.installing import InstallWish
from moorings.services.managed_bots import Availability, BotWish, Invitation
from moorings.services.telegram import TokenReplaced

ID = "intg_01kb0h6v3m8x2q4r5s6t7v8w9x"
REQUEST_ID = "tmb_01kb0h6v3m8x2q4r5s6t7v8w9x"
USERNAME = "acme_helper_k3j7x2m4q6ab_bot"
LINK = f"https://t.me/newbot/moorings_bot/{USERNAME}?name=Acme%20Helper"
QR_SCALE = 5

RequestState = Literal["pending", "rename_pending", "completed", "rejected", "cancelled", "expired", "failed"]


class ManagedAvailability(Answer):
    """Whether a managed bot can be had here. Whether a username is free Telegram tells nobody but the person."""

    available: bool = Field(description="Whether a request can be made now.")
    manager_bot_username: str | None = Field(description="The managing bot, without its @.", examples=["moorings_bot"])
    reason: (
        Literal[
            "NOT_CONFIGURED", "MANAGER_TOKEN_INVALID", "MANAGEMENT_MODE_OFF", "MANAGER_UNREACHABLE", "USERNAME_INVALID"
        ]
        | None
    ) = Field(description="Why none can be had.")
    username: str | None = Field(description="The username that was asked about.", examples=["acme_helper_bot"])
    username_valid: bool | None = Field(description="Whether Telegram would take such a one; it may still be taken.")

    @classmethod
    def of(cls, found: Availability) -> "ManagedAvailability":
        """The answer."""
        return cls(
            available=found.reason is None, manager_bot_username=found.manager,
            reason=found.reason.value if found.reason else None, username=found.username,
            username_valid=found.username_valid,
        )  # fmt: skip


class InitiateManagedBot(Given):
    """A bot that a person shall make."""

    name: str = Field(
        description="The name that people see.", examples=["Acme Helper"], min_length=1, max_length=64,
        pattern=r"^[^\x00-\x1f\x7f]+$",
    )  # fmt: skip
    username: str | None = Field(
        None, description="How its username shall begin; characters are added that nobody can guess.",
        examples=["acme_helper_bot"], max_length=64,
    )  # fmt: skip
    integration_id: str | None = Field(
        None, description="A reserved installation to complete; a new one without it.", examples=[ID]
    )
    environment: ServedEnvironment = None
    forward_url: ForwardUrl = None

    def wish(self) -> BotWish:
        """What is asked for."""
        install = InstallWish(self.integration_id, self.name, self.environment, self.forward_url)
        return BotWish(self.name, self.username, install)


class ManagedInvitation(Answer):
    """The link by which a person makes the bot in Telegram."""

    request_id: str = Field(description="The request.", examples=[REQUEST_ID])
    status: Literal["pending"] = Field(description="It waits for the person.")
    deep_link: str = Field(description="To be opened in Telegram.", examples=[LINK])
    qr_code: str = Field(description="The link as a QR code, an SVG in a data URI.", examples=["data:image/svg+xml,"])
    suggested_username: str = Field(
        description="The username by which the bot is recognised; under another it must be confirmed.",
        examples=[USERNAME],
    )
    suggested_name: str = Field(description="The name that Telegram will suggest.", examples=["Acme Helper"])
    expires_at: Time = Field(description="When the request ends unless it is answered.")

    @classmethod
    def of(cls, made: Invitation) -> "ManagedInvitation":
        """The answer to a new request."""
        import segno  # drawing is seldom wanted, and a start is paid for by everyone

        request = made.request
        picture = segno.make(made.link, micro=False).svg_data_uri(scale=QR_SCALE)
        return cls(
            request_id=request.id, status="pending", deep_link=made.link, qr_code=picture,
            suggested_username=request.suggested_username, suggested_name=request.suggested_name,
            expires_at=request.expires_at,
        )  # fmt: skip


class ManagedRequestStatus(Answer):
    """Where a request stands."""

    request_id: str = Field(description="The request.", examples=[REQUEST_ID])
    status: RequestState = Field(description="Where it stands; rename_pending waits for a confirmation.")
    suggested_username: str = Field(description="The username that was suggested.", examples=[USERNAME])
    suggested_name: str = Field(description="The name that was suggested.", examples=["Acme Helper"])
    actual_username: str | None = Field(description="The username that the person chose.", examples=["acme_bot"])
    actual_name: str | None = Field(description="The name that the person chose.", examples=["Acme"])
    bot_id: str | None = Field(description="The bot's number, once it has arrived.", examples=["1234567890"])
    integration_id: str | None = Field(description="The installation it has become.", examples=[ID])
    error: str | None = Field(description="Why it failed.")
    created_at: Time = Field(description="When it was made.")
    expires_at: Time = Field(description="When it ends unless it is answered.")

    @classmethod
    def of(cls, request: ManagedRequest) -> "ManagedRequestStatus":
        """The answer about a request."""
        return cls.model_validate({
            "request_id": request.id, "status": request.shown, "suggested_username": request.suggested_username,
            "suggested_name": request.suggested_name, "actual_username": request.actual_username,
            "actual_name": request.actual_name, "bot_id": None if request.bot_id is None else str(request.bot_id),
            "integration_id": request.installation_id, "error": request.error, "created_at": request.created_at,
            "expires_at": request.expires_at,
        })  # fmt: skip


class ManagedRequestCancelled(Answer):
    """The request has ended."""

    success: Literal[True] = Field(description="Always true; a failure is an error.")
    request_id: str = Field(description="The request.", examples=[REQUEST_ID])
    status: Literal["cancelled"] = Field(description="It has ended.")
    message: str = Field(description="What happened, for a person.")


class RotateManagedBot(Given):
    """A managed bot that shall have a new token."""

    integration_id: str = Field(description="The installation; `telegram` means the only one.", examples=[ID])


class ManagedBotRotation(Answer):
    """The bot has a new token; nobody was shown it."""

    success: Literal[True] = Field(description="Always true; a failure is an error.")
    integration_id: str = Field(description="The installation's id.", examples=[ID])
    message: str = Field(description="What happened, for a person.")
    rotated_at: Time = Field(description="Since when the new token is in force.")
    previous_valid_until: Time | None = Field(description="Always null: Telegram ends the old token at once.")

    @classmethod
    def of(cls, replaced: TokenReplaced) -> "ManagedBotRotation":
        """The answer to a rotation."""
        return cls(
            success=True, integration_id=replaced.installation_id, rotated_at=replaced.rotated_at,
            message="The bot has a new token, and Telegram sends its updates here.", previous_valid_until=None,
        )  # fmt: skip
