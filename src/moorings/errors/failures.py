"""Our part and third parties': what failed here, or beyond."""

from moorings.errors.root import MooringsError


class IssuerUnavailable(MooringsError):
    """The session issuer's keys cannot be fetched, and without them no session token can be checked."""

    code, transient, retry_after = "ISSUER_UNAVAILABLE", True, 60


class ProviderFailed(MooringsError):
    """A third party answered with a failure, or with something we cannot read."""

    code, status, transient = "PROVIDER_ERROR", 502, True


class ProviderTimeout(ProviderFailed):
    """A third party did not answer in time."""

    code, status = "PROVIDER_TIMEOUT", 504


class TooManyUnderWay(ProviderFailed):
    """An owner has as many calls to providers under way as it may; this one was not made."""

    code, status, retry_after = "TOO_MANY_UNDER_WAY", 429, 5


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


class UseNotRecorded(MooringsError):
    """The provider was asked, and what came of it could not be written to the audit; look there before trying again."""

    code, done = "USE_NOT_RECORDED", True


class ChainBroken(MooringsError):
    """An owner's audit is not whole: `sequence` is the first entry that was changed, removed or added."""

    code = "CHAIN_BROKEN"

    def __init__(self, message: str, sequence: int) -> None:
        super().__init__(message)
        self.sequence = sequence


class RowAltered(MooringsError):
    """A row that decides who may do what, or where something goes, is not as Moorings wrote it: it is not believed."""

    code = "ROW_ALTERED"

    def __init__(self, table: str, row: str, root_key: str | None, owner: str | None = None) -> None:
        super().__init__(
            f"The row {row} of {table} is not as Moorings wrote it, or {root_key or 'the root key'} that tells is not "
            "loaded; it is not believed. `moorings doctor` tells the operator more."
        )
        self.row, self.owner = row, owner


class ConfigurationError(MooringsError):
    """A setting is missing or wrong; the server cannot start with it."""

    code = "CONFIGURATION_ERROR"


class NoDatabase(ConfigurationError):
    """Where the settings lead there is no database of Moorings; `half` tells that root keys of one are there."""

    code = "NO_DATABASE"

    def __init__(self, message: str, *, half: bool) -> None:
        super().__init__(message)
        self.half = half


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
