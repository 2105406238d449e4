"""The caller's part: what was asked cannot be had so, by them, or now."""

from collections.abc import Sequence

from moorings.errors.root import MooringsError


class InvalidRequest(MooringsError):
    """The call's path, query or headers do not fit the contract."""

    code, status = "INVALID_REQUEST", 400


class InvalidBody(InvalidRequest):
    """The body is not the JSON that this call takes."""

    code = "INVALID_BODY"


class InvalidEnvironment(InvalidRequest):
    """The environment is none of the configured ones."""

    code = "INVALID_ENVIRONMENT"


class InvalidCredentials(InvalidRequest):
    """Credential fields are missing, unknown or malformed; each is named in the details."""

    code = "INVALID_CREDENTIALS"


class CredentialsRejected(InvalidRequest):
    """The provider was asked and does not accept these credentials."""

    code = "CREDENTIALS_REJECTED"


class InvalidParameters(InvalidRequest):
    """A tool's parameters do not follow its schema; each problem is named in the details."""

    code = "INVALID_PARAMETERS"


class AddressRefused(InvalidRequest):
    """The address leads to where nothing may be sent: a private network, an undeclared host, or without TLS."""

    code = "ADDRESS_REFUSED"


class IndexNotFound(InvalidRequest):
    """The provider was asked, and the account has no index of this name."""

    code = "INDEX_NOT_FOUND"


class CollectionNotFound(InvalidRequest):
    """The server was asked, and it has no collection of this name."""

    code = "COLLECTION_NOT_FOUND"


class SecretWantedAgain(InvalidRequest):
    """The stored secret may not be shown to another server than the one it was saved for; give it anew."""

    code = "SECRET_WANTED_AGAIN"


class DifferentAccount(InvalidRequest):
    """The new credentials belong to another account or bot than the stored ones, which keep working."""

    code = "DIFFERENT_ACCOUNT"


class OwnInstallCall(InvalidRequest):
    """This integration is connected by calls of its own, not by saving credentials."""

    code = "OWN_INSTALL_CALL"


class Unauthenticated(MooringsError):
    """The call carries no credentials that we know."""

    code, status = "UNAUTHENTICATED", 401


class WebhookRefused(Unauthenticated):
    """A call to a webhook address that its provider did not send, or to one that does not exist."""

    code = "WEBHOOK_REFUSED"

    def __init__(self) -> None:
        super().__init__("This call does not bear what its provider puts on calls to this address; it was not read.")


class Forbidden(MooringsError):
    """The caller is known but may not do this."""

    code, status = "FORBIDDEN", 403


class MissingScope(Forbidden):
    """The caller's key lacks a scope."""

    code = "MISSING_SCOPE"


class MissingRole(Forbidden):
    """The caller's role in its organisation does not cover this."""

    code = "MISSING_ROLE"


class EnvironmentForbidden(Forbidden):
    """The caller's key is bound to other environments."""

    code = "ENVIRONMENT_FORBIDDEN"


class AddressForbidden(Forbidden):
    """The caller's key is bound to other network addresses."""

    code = "ADDRESS_FORBIDDEN"


class OriginForbidden(Forbidden):
    """A web page of another origin sends this; only pages of this server's own may."""

    code = "ORIGIN_FORBIDDEN"


class NotFound(MooringsError):
    """The thing is not there, or belongs to another owner: the answer is the same."""

    code, status = "NOT_FOUND", 404


class CategoryNotFound(NotFound):
    """The catalogue has no such category."""

    code = "CATEGORY_NOT_FOUND"


class IntegrationNotFound(NotFound):
    """Neither a catalogue id nor an installation of this owner."""

    code = "INTEGRATION_NOT_FOUND"


class CredentialsNotFound(NotFound):
    """Nothing is stored for this integration and environment."""

    code = "CREDENTIALS_NOT_FOUND"


class ToolNotFound(NotFound):
    """The integration has no such tool."""

    code = "TOOL_NOT_FOUND"


class ConfigurationNotFound(NotFound):
    """This owner has no vector store configuration of this id."""

    code = "CONFIGURATION_NOT_FOUND"


class KeyNotFound(NotFound):
    """This owner has no such API key."""

    code = "KEY_NOT_FOUND"


class RequestNotFound(NotFound):
    """This owner has no request for a managed bot of this id."""

    code = "REQUEST_NOT_FOUND"


class EventNotFound(NotFound):
    """The integration has no such event, or no longer."""

    code = "EVENT_NOT_FOUND"


class SessionNotFound(NotFound):
    """No MCP session of this key has this id: it never was, has ended, or belongs to another key."""

    code = "SESSION_NOT_FOUND"


class MethodNotAllowed(MooringsError):
    """The path exists, the method does not; `allowed` are those that do, where that is known."""

    code, status = "METHOD_NOT_ALLOWED", 405

    def __init__(self, message: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class Conflict(MooringsError):
    """The call does not fit the present state."""

    code, status = "CONFLICT", 409


class IdempotencyKeyReused(Conflict):
    """The idempotency key was used before with another body or call."""

    code = "IDEMPOTENCY_KEY_REUSED"


class AnswerNotKept(Conflict):
    """The call under this idempotency key was run and is not run again, but its answer was not kept."""

    code = "IDEMPOTENCY_ANSWER_NOT_KEPT"


class IdempotencyKeyBusy(Conflict):
    """The first call under this idempotency key is still running."""

    code, transient = "IDEMPOTENCY_KEY_BUSY", True


class AlreadyInstalled(Conflict):
    """This bot is installed already, or this installation connected; the message names the installation."""

    code = "ALREADY_INSTALLED"


class NotManaged(Conflict):
    """The bot was installed by its token; only who manages a bot can replace that."""

    code = "NOT_MANAGED"


class NotAvailable(Conflict):
    """Managed bots cannot be had here now; the details name the reason."""

    code = "NOT_AVAILABLE"


class RequestClosed(Conflict):
    """The request for a managed bot has ended, or is not where this call has a meaning."""

    code = "REQUEST_CLOSED"


class KeyReplaced(Conflict):
    """This API key was rotated before; the message names the one that has replaced it."""

    code = "KEY_REPLACED"


class NameTaken(Conflict):
    """Another configuration of this kind bears this name."""

    code = "NAME_TAKEN"


class IndexExists(Conflict):
    """The provider's account has an index of this name already."""

    code = "INDEX_EXISTS"


class NotForwarded(Conflict):
    """The installation has no forward address, or it was switched off."""

    code = "NOT_FORWARDED"


class QuotaReached(Conflict):
    """The owner holds as much as it may; the message says of what, and which setting raises it."""

    code = "QUOTA_REACHED"


class OwnerExists(Conflict):
    """An owner of this name exists already."""

    code = "OWNER_EXISTS"


class BodyTooLarge(MooringsError):
    """The body is over the limit."""

    code, status = "BODY_TOO_LARGE", 413


class BodyTooSlow(MooringsError):
    """The body did not come in time."""

    code, status = "BODY_TOO_SLOW", 408


class UriTooLong(MooringsError):
    """The path and query are over the limit."""

    code, status = "URI_TOO_LONG", 414


class HeadersTooLarge(MooringsError):
    """The headers are over the limit."""

    code, status = "HEADERS_TOO_LARGE", 431


class HostUnknown(MooringsError):
    """The Host header names a server that this one is not; `MOORINGS_PUBLIC_URL` tells its name."""

    code, status = "HOST_UNKNOWN", 421


class TooManyStreams(MooringsError):
    """This API key holds as many open streams as one may; end one and try again."""

    code, status, transient, retry_after = "TOO_MANY_STREAMS", 429, True, 10


class RateLimited(MooringsError):
    """A key, an owner or an address has made as many calls as it may; `Retry-After` says when to come again."""

    code, status, transient = "RATE_LIMITED", 429, True

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
