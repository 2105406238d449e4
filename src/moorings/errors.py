"""Every error Moorings raises, in one tree.

MooringsError
├── InvalidRequest ................ 400  the caller sent something wrong
│   ├── InvalidBody               400
│   ├── InvalidEnvironment        400
│   ├── InvalidCredentials        400
│   ├── CredentialsRejected       400
│   ├── InvalidParameters         400
│   ├── AddressRefused            400
│   ├── DifferentAccount          400
│   └── OwnInstallCall            400
├── Unauthenticated ............... 401  nobody we know
├── Forbidden ..................... 403  known, but may not
│   ├── MissingScope              403
│   ├── MissingRole               403
│   ├── EnvironmentForbidden      403
│   ├── AddressForbidden          403
│   └── OriginForbidden           403
├── NotFound ...................... 404  not there, or another owner's
│   ├── CategoryNotFound          404
│   ├── IntegrationNotFound       404
│   ├── CredentialsNotFound       404
│   ├── ToolNotFound              404
│   ├── KeyNotFound               404
│   ├── RequestNotFound           404
│   └── SessionNotFound           404
├── MethodNotAllowed .............. 405
├── Conflict ...................... 409
│   ├── IdempotencyKeyReused      409
│   ├── IdempotencyKeyBusy        409
│   ├── AlreadyInstalled          409
│   ├── NotManaged                409
│   ├── NotAvailable              409
│   ├── RequestClosed             409
│   └── OwnerExists               409
├── BodyTooLarge .................. 413
├── HostUnknown ................... 421  the call is for a host that this server is not
├── TooManyStreams ................ 429  one key holds as many streams as it may
├── IssuerUnavailable ............. 500  the session issuer's keys cannot be fetched
├── ProviderFailed ................ 502  a third party failed
│   └── ProviderTimeout           504
├── VaultFailed ................... 500  sealed data could not be sealed or opened
│   ├── WrongRootKey              500
│   └── SealBroken                500
├── StoreFailed ................... 500  the database could not do it
│   ├── StoreFull                 500
│   ├── StoreBusy                 500
│   ├── Clash                     500
│   └── StoreCorrupt              500
├── ConfigurationError ............ 500  a setting or a manifest is wrong
│   └── ManifestError             500
├── WorkerLost .................... 500  a server process has ended by itself
├── InternalError ................. 500
└── NotInstalled .................. 501  a part of Moorings that is not installed here

A message is one sentence that a person can act on and never holds a secret.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Detail:
    """One place in a call and what is wrong with it; never the value that stood there."""

    field: str
    message: str


class MooringsError(Exception):
    """The root: a code for programs, a status for HTTP and a sentence for people."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500
    transient: ClassVar[bool] = False
    retry_after: ClassVar[int | None] = None

    def __init__(self, message: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)


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


class DifferentAccount(InvalidRequest):
    """The new credentials belong to another account or bot than the stored ones, which keep working."""

    code = "DIFFERENT_ACCOUNT"


class OwnInstallCall(InvalidRequest):
    """This integration is connected by calls of its own, not by saving credentials."""

    code = "OWN_INSTALL_CALL"


class Unauthenticated(MooringsError):
    """The call carries no credentials that we know."""

    code, status = "UNAUTHENTICATED", 401


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


class KeyNotFound(NotFound):
    """This owner has no such API key."""

    code = "KEY_NOT_FOUND"


class RequestNotFound(NotFound):
    """This owner has no request for a managed bot of this id."""

    code = "REQUEST_NOT_FOUND"


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


class OwnerExists(Conflict):
    """An owner of this name exists already."""

    code = "OWNER_EXISTS"


class BodyTooLarge(MooringsError):
    """The body is over the limit."""

    code, status = "BODY_TOO_LARGE", 413


class HostUnknown(MooringsError):
    """The Host header names a server that this one is not; `MOORINGS_PUBLIC_URL` tells its name."""

    code, status = "HOST_UNKNOWN", 421


class TooManyStreams(MooringsError):
    """This API key holds as many open streams as one may; end one and try again."""

    code, status, transient, retry_after = "TOO_MANY_STREAMS", 429, True, 10


class IssuerUnavailable(MooringsError):
    """The session issuer's keys cannot be fetched, and without them no session token can be checked."""

    code, transient, retry_after = "ISSUER_UNAVAILABLE", True, 60


class ProviderFailed(MooringsError):
    """A third party answered with a failure, or with something we cannot read."""

    code, status, transient = "PROVIDER_ERROR", 502, True


class ProviderTimeout(ProviderFailed):
    """A third party did not answer in time."""

    code, status = "PROVIDER_TIMEOUT", 504


class VaultFailed(MooringsError):
    """Sealed data could not be sealed or opened."""

    code = "VAULT_FAILED"


class WrongRootKey(VaultFailed):
    """The root key that sealed this is not loaded, or another key bears its number."""

    code = "WRONG_ROOT_KEY"


class SealBroken(VaultFailed):
    """The record was changed, moved or put back: it does not open in its place."""

    code = "SEAL_BROKEN"


class StoreFailed(MooringsError):
    """The database could not do what was asked; nothing was changed."""

    code, transient = "STORE_FAILED", True


class StoreFull(StoreFailed):
    """The database's disk is full."""

    code = "STORE_FULL"


class StoreBusy(StoreFailed):
    """Another program holds the database."""

    code = "STORE_BUSY"


class StoreCorrupt(StoreFailed):
    """The database file is damaged."""

    code, transient = "STORE_CORRUPT", False


class Clash(StoreFailed):
    """A constraint of the database spoke; whoever expects it tries another way."""

    code = "STORE_CLASH"


class ConfigurationError(MooringsError):
    """A setting is missing or wrong; the server cannot start with it."""

    code = "CONFIGURATION_ERROR"


class ManifestError(ConfigurationError):
    """A manifest does not follow its schema."""

    code = "MANIFEST_ERROR"


class WorkerLost(MooringsError):
    """One of several server processes has ended by itself; whoever supervises the server starts it again."""

    code = "WORKER_LOST"


class InternalError(MooringsError):
    """A defect of ours; the log has the trace under the request id."""


class NotInstalled(MooringsError):
    """This needs a part of Moorings that is not installed here; the message says how to install it."""

    code, status = "NOT_INSTALLED", 501
