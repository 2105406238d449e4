"""The keys of every object, as the contract's prose lists them."""

import re

INTEGRATION = {
    "id", "name", "description", "category", "authType", "status", "configured", "environments", "toolCount",
    "documentationUrl", "logoUrl", "installations",
}  # fmt: skip
DETAILS = INTEGRATION | {"credentialFields", "tools"}
FIELD = {"name", "label", "description", "secret", "required", "pattern", "example", "helpUrl"}
INSTALLATION = {
    "id", "type", "name", "status", "environment", "account", "webhookUrl", "forwardUrl", "createdAt", "updatedAt",
    "verifiedAt", "expiresAt", "problem",
}  # fmt: skip
TOOL = {
    "id", "name", "integrationId", "title", "description", "parametersSchema", "outputSchema", "readOnly",
    "destructive",
}  # fmt: skip
CONFIGURED_TOOL = TOOL | {"environment", "source"}
STATUS = {
    "integrationId", "configured", "environment", "source", "environments", "fields", "status", "verifiedAt",
    "lastUsedAt", "expiresAt", "reason", "revoking",
}  # fmt: skip
SAVED = {"success", "integrationId", "environment", "message", "account", "verifiedAt"}
DELETED = {"environment", "integrationId", "message", "success"}
ACCOUNT = {"id", "label"}

AUTH_TYPES = {"api_key", "bot_token", "basic", "oauth2", "account_token", "none"}
STANDINGS = {"available", "pending", "connected", "failing"}

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
ULID = "[0-7][0-9a-hjkmnp-tv-z]{25}"
INSTALLATION_ID = re.compile(f"intg_{ULID}")
KEY_ID = re.compile(f"key_{ULID}")
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
