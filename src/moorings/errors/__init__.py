"""Every error Moorings raises, in one tree.

MooringsError
├── InvalidRequest ................ 400  the caller sent something wrong
│   ├── InvalidBody               400
│   ├── InvalidEnvironment        400
│   ├── InvalidCredentials        400
│   ├── CredentialsRejected       400
│   ├── InvalidParameters         400
│   ├── AddressRefused            400
│   ├── IndexNotFound             400
│   ├── CollectionNotFound        400
│   ├── SecretWantedAgain         400
│   ├── DifferentAccount          400
│   └── OwnInstallCall            400
├── Unauthenticated ............... 401  nobody we know
│   └── WebhookRefused            401
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
│   ├── ConfigurationNotFound     404
│   ├── KeyNotFound               404
│   ├── RequestNotFound           404
│   ├── EventNotFound             404
│   └── SessionNotFound           404
├── MethodNotAllowed .............. 405
├── Conflict ...................... 409
│   ├── IdempotencyKeyReused      409
│   ├── IdempotencyKeyBusy        409
│   ├── AnswerNotKept             409
│   ├── AlreadyInstalled          409
│   ├── NotManaged                409
│   ├── NotAvailable              409
│   ├── RequestClosed             409
│   ├── KeyReplaced               409
│   ├── NameTaken                 409
│   ├── IndexExists               409
│   ├── NotForwarded              409
│   ├── QuotaReached              409
│   └── OwnerExists               409
├── BodyTooLarge .................. 413
├── BodyTooSlow ................... 408
├── UriTooLong .................... 414
├── HeadersTooLarge ............... 431
├── HostUnknown ................... 421  the call is for a host that this server is not
├── TooManyStreams ................ 429  one key holds as many streams as it may
├── RateLimited ................... 429  a key, an owner or an address has made too many calls
├── IssuerUnavailable ............. 500  the session issuer's keys cannot be fetched
├── ProviderFailed ................ 502  a third party failed
│   ├── ProviderTimeout           504
│   └── TooManyUnderWay           429  it was not even asked, for its owner's other calls
├── VaultFailed ................... 500  sealed data could not be sealed or opened
│   ├── WrongRootKey              500
│   └── SealBroken                500
├── StoreFailed ................... 500  the database could not do it
│   ├── StoreFull                 500
│   ├── StoreBusy                 500
│   ├── Clash                     500
│   └── StoreCorrupt              500
├── UseNotRecorded ................ 500  a provider was asked, and the audit could not take what came of it
├── ChainBroken ................... 500  the audit was changed
├── RowAltered .................... 500  a row was changed past Moorings
├── ConfigurationError ............ 500  a setting or a manifest is wrong
│   ├── ManifestError             500
│   └── NoDatabase                500
├── WorkerLost .................... 500  a server process has ended by itself
├── InternalError ................. 500
└── NotInstalled .................. 501  a part of Moorings that is not installed here

`refusals` are the caller's part, `failures` ours and third parties'. A message is one sentence that a person can act on
and never holds a secret.
"""

from moorings.errors.failures import (
    ChainBroken,
    Clash,
    ConfigurationError,
    InternalError,
    IssuerUnavailable,
    ManifestError,
    NoDatabase,
    NotInstalled,
    ProviderFailed,
    ProviderTimeout,
    RowAltered,
    SealBroken,
    StoreBusy,
    StoreCorrupt,
    StoreFailed,
    StoreFull,
    TooManyUnderWay,
    UseNotRecorded,
    VaultFailed,
    WorkerLost,
    WrongRootKey,
)
from moorings.errors.refusals import (
    AddressForbidden,
    AddressRefused,
    AlreadyInstalled,
    AnswerNotKept,
    BodyTooLarge,
    BodyTooSlow,
    CategoryNotFound,
    CollectionNotFound,
    ConfigurationNotFound,
    Conflict,
    CredentialsNotFound,
    CredentialsRejected,
    DifferentAccount,
    EnvironmentForbidden,
    EventNotFound,
    Forbidden,
    HeadersTooLarge,
    HostUnknown,
    IdempotencyKeyBusy,
    IdempotencyKeyReused,
    IndexExists,
    IndexNotFound,
    IntegrationNotFound,
    InvalidBody,
    InvalidCredentials,
    InvalidEnvironment,
    InvalidParameters,
    InvalidRequest,
    KeyNotFound,
    KeyReplaced,
    MethodNotAllowed,
    MissingRole,
    MissingScope,
    NameTaken,
    NotAvailable,
    NotForwarded,
    NotFound,
    NotManaged,
    OriginForbidden,
    OwnerExists,
    OwnInstallCall,
    QuotaReached,
    RateLimited,
    RequestClosed,
    RequestNotFound,
    SecretWantedAgain,
    SessionNotFound,
    ToolNotFound,
    TooManyStreams,
    Unauthenticated,
    UriTooLong,
    WebhookRefused,
)
from moorings.errors.root import Detail, MooringsError

__all__ = [
    "AddressForbidden",
    "AddressRefused",
    "AlreadyInstalled",
    "AnswerNotKept",
    "BodyTooLarge",
    "BodyTooSlow",
    "CategoryNotFound",
    "ChainBroken",
    "Clash",
    "CollectionNotFound",
    "ConfigurationError",
    "ConfigurationNotFound",
    "Conflict",
    "CredentialsNotFound",
    "CredentialsRejected",
    "Detail",
    "DifferentAccount",
    "EnvironmentForbidden",
    "EventNotFound",
    "Forbidden",
    "HeadersTooLarge",
    "HostUnknown",
    "IdempotencyKeyBusy",
    "IdempotencyKeyReused",
    "IndexExists",
    "IndexNotFound",
    "IntegrationNotFound",
    "InternalError",
    "InvalidBody",
    "InvalidCredentials",
    "InvalidEnvironment",
    "InvalidParameters",
    "InvalidRequest",
    "IssuerUnavailable",
    "KeyNotFound",
    "KeyReplaced",
    "ManifestError",
    "MethodNotAllowed",
    "MissingRole",
    "MissingScope",
    "MooringsError",
    "NameTaken",
    "NoDatabase",
    "NotAvailable",
    "NotForwarded",
    "NotFound",
    "NotInstalled",
    "NotManaged",
    "OriginForbidden",
    "OwnInstallCall",
    "OwnerExists",
    "ProviderFailed",
    "ProviderTimeout",
    "QuotaReached",
    "RateLimited",
    "RequestClosed",
    "RequestNotFound",
    "RowAltered",
    "SealBroken",
    "SecretWantedAgain",
    "SessionNotFound",
    "StoreBusy",
    "StoreCorrupt",
    "StoreFailed",
    "StoreFull",
    "TooManyStreams",
    "TooManyUnderWay",
    "ToolNotFound",
    "Unauthenticated",
    "UriTooLong",
    "UseNotRecorded",
    "VaultFailed",
    "WebhookRefused",
    "WorkerLost",
    "WrongRootKey",
]
