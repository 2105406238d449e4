"""The running server: one process on SQLite, several on PostgreSQL, the stand-ins beside it if wished."""
