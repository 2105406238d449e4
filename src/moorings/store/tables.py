"""All tables. Times are milliseconds since 1970 in UTC; an environment is its name, or `*` for all environments."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()


def _attestation() -> tuple[Column[str], Column[bytes]]:
    """The notary's word for a row, and the root key that it was given with; see store/attestations.py."""
    return Column("attested_by", String(12)), Column("attestation", LargeBinary(32))


owners = Table(
    "owners",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    *_attestation(),
)

# How much an owner holds; kept by the triggers of `counters`.
tallies = Table(
    "tallies",
    metadata,
    Column("owner", ForeignKey("owners.id"), primary_key=True),
    Column("things", Integer, nullable=False),
    Column("events", Integer, nullable=False),
)

# Whose things an organisation or user of a session issuer may see.
identities = Table(
    "identities",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("owner", ForeignKey("owners.id"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    *_attestation(),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("owner", ForeignKey("owners.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("preview", String(40), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("environments", Text),
    Column("networks", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("last_used_at", BigInteger),
    Column("replaced_by", String(40)),
    *_attestation(),
)

root_keys = Table(
    "root_keys",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("check_value", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("settled_at", BigInteger),
)

owner_keys = Table(
    "owner_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("owner", ForeignKey("owners.id"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("root_key_id", ForeignKey("root_keys.id"), nullable=False, index=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("owner", "generation"),
)

# The foreign key on owner_key_id is what makes re-keying safe beside a running server: a key under which a record
# was just sealed cannot be deleted, and a record cannot be sealed under a key that is already gone.
credentials = Table(
    "credentials",
    metadata,
    Column("owner", ForeignKey("owners.id"), primary_key=True),
    Column("integration_id", String(64), primary_key=True),
    Column("environment", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("owner_key_id", ForeignKey("owner_keys.id"), nullable=False, index=True),
    Column("revision", String(40), nullable=False),
    Column("previews", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("account_id", Text),
    Column("account_label", Text),
    Column("verified_at", BigInteger),
    Column("last_used_at", BigInteger),
    Column("last_used_by", String(64)),
    Column("expires_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("reason", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("integration", String(64), nullable=False, server_default=""),
    sqlite_with_rowid=False,
)

# Outlives the record it speaks of: a deleted credential that is put back from an old copy is noticed by it.
revisions = Table(
    "revisions",
    metadata,
    Column("owner", ForeignKey("owners.id"), primary_key=True),
    Column("record", String(64), primary_key=True),
    Column("environment", String(64), primary_key=True),
    Column("revision", String(40), nullable=False),
    Column("stamp", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

installations = Table(
    "installations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("owner", ForeignKey("owners.id"), nullable=False, index=True),
    Column("type", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("environment", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("forward_url", Text),
    Column("account_id", Text),
    Column("account_label", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("verified_at", BigInteger),
    Column("expires_at", BigInteger, index=True),
    Column("problem", Text),
    Column("forward_problem", Text),
    Column("forward_failing_since", BigInteger),
    *_attestation(),
)

# What providers told, in the order of its arrival. A row is also how a repeat is known.
events = Table(
    "events",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("owner", ForeignKey("owners.id"), nullable=False),
    Column("installation_id", ForeignKey("installations.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("conversation", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("owner_key_id", ForeignKey("owner_keys.id"), nullable=False, index=True),
    Column("received_at", BigInteger, nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("give_up_at", BigInteger, nullable=False),
    Column("tries", Text, nullable=False),
    UniqueConstraint("installation_id", "name"),
    Index("ix_events_of_installation", "installation_id", "sequence"),
)
WAITING = "waiting"
waiting_events = Index(
    "ix_events_waiting", events.c.installation_id, events.c.conversation, events.c.sequence,
    sqlite_where=events.c.state == WAITING,
)  # fmt: skip

# The secret that signs what is passed on to an installation's forward address.
forward_secrets = Table(
    "forward_secrets",
    metadata,
    Column("id", ForeignKey("installations.id", ondelete="CASCADE"), primary_key=True),
    Column("owner", ForeignKey("owners.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("owner_key_id", ForeignKey("owner_keys.id"), nullable=False, index=True),
    Column("shown_at", BigInteger),
    sqlite_with_rowid=False,
)

# What decides where a secret is sent is sealed with it, in `credentials` under the configuration's id; `shown` repeats
# it for listing alone, so that whoever writes to this table leads no secret astray.
vector_configs = Table(
    "vector_configs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("owner", ForeignKey("owners.id"), nullable=False),
    Column("type", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("environment", String(64), nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("description", Text),
    Column("shown", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("owner", "type", "name"),
)

audit = Table(
    "audit",
    metadata,
    Column("owner", ForeignKey("owners.id"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("environment", String(64)),
    Column("outcome", Text, nullable=False),
    Column("address", Text),
    Column("request_id", String(40)),
    Column("revision", String(40)),
    Column("hash", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)

# That a key was revoked stands in the audit too, which nobody shortens unnoticed: an old row put back is not enough.
# With its kind in it, the index answers alone; SQLite would else walk through the owner's whole chain.
KEY_REVOKED = "key.revoked"
revoked_keys = Index(
    "ix_audit_revoked_keys", audit.c.owner, audit.c.subject, audit.c.kind, sqlite_where=audit.c.kind == KEY_REVOKED
)

# Where an owner's chain ends, proven under a root key: the tail of a chain cannot be cut off unnoticed.
audit_heads = Table(
    "audit_heads",
    metadata,
    Column("owner", ForeignKey("owners.id"), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("root_key_id", String(12), nullable=False, index=True),
    Column("proof", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)

# Deleted credentials that their providers have not revoked yet; nothing reads them but the job that tries on.
revocations = Table(
    "revocations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("owner", ForeignKey("owners.id"), nullable=False, index=True),
    Column("integration", String(64), nullable=False),
    Column("integration_id", String(64), nullable=False),
    Column("environment", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("owner_key_id", ForeignKey("owner_keys.id"), nullable=False, index=True),
    Column("field_names", Text, nullable=False),
    Column("revision", String(40), nullable=False),
    Column("stamp", LargeBinary, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("problem", Text),
    Column("bot", String(200)),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", ForeignKey("owners.id"), primary_key=True),
    Column("key", String(320), primary_key=True),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("status", Integer),
    Column("sealed", LargeBinary),
    Column("owner_key_id", ForeignKey("owner_keys.id"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

# Which of a provider's bots an installation is. `claim` is what an owner holds no more than once: of two installs of
# the same bot at once, this constraint lets one through.
bots = Table(
    "bots",
    metadata,
    Column("installation_id", ForeignKey("installations.id", ondelete="CASCADE"), primary_key=True),
    Column("owner", ForeignKey("owners.id"), nullable=False),
    Column("type", String(64), nullable=False),
    Column("claim", String(200), nullable=False),
    Column("delivery", String(16), nullable=False),
    Column("managed", Integer, nullable=False),
    *_attestation(),
    UniqueConstraint("owner", "type", "claim"),
    Index("ix_bots_claim", "claim"),
)

# The suggested username is what tells whose bot has arrived: no two requests ever share one.
managed_requests = Table(
    "managed_requests",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("owner", ForeignKey("owners.id"), nullable=False, index=True),
    Column("actor", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("suggested_username", String(32), nullable=False, unique=True),
    Column("suggested_name", String(64), nullable=False),
    Column("environment", String(64), nullable=False),
    Column("forward_url", Text),
    Column("reserved", String(40)),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False, index=True),
    Column("bot_id", BigInteger, index=True),
    Column("actual_username", Text),
    Column("actual_name", Text),
    Column("installation_id", String(40)),
    Column("error", Text),
    *_attestation(),
)

# A person on the way to a provider's page and back. Of the state only the hash is kept: whoever reads the table cannot
# end what somebody else has begun.
authorisations = Table(
    "authorisations",
    metadata,
    Column("state_hash", LargeBinary(32), primary_key=True),
    Column("owner", ForeignKey("owners.id"), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("installation_id", ForeignKey("installations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("redirect_url", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    *_attestation(),
)

# Every bot that Telegram has told our manager of: only the first time can it be the answer to a request.
seen_bots = Table(
    "seen_bots",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seen_at", BigInteger, nullable=False),
)

# What is to be done and when; see store/jobs.py.
jobs = Table(
    "jobs",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("id", String(160), primary_key=True),
    Column("due_at", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("held_until", BigInteger),
    Column("holder", String(40)),
    Column("next_at", BigInteger, nullable=False, server_default="0"),
    Index("ix_jobs_next", "kind", "next_at"),
    sqlite_with_rowid=False,
)

# One row per topic; its number grows when anything of the topic changes, so that other processes forget their caches.
changes = Table(
    "changes",
    metadata,
    Column("topic", String(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
