"""Moorings: an open, self-hosted integrations and credentials hub for AI agents."""

__version__ = "0.1.0"
