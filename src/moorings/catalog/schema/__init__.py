"""The manifest's schema: one module for each of its larger tables."""
