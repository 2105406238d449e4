"""What a manifest must hold true beyond its schema; `all.py` lists the concerns."""

from moorings.catalog.checks.all import problems_of
from moorings.catalog.checks.schemas import is_schema
from moorings.catalog.checks.template_names import TEMPLATE, names_in, names_in_body

__all__ = ["TEMPLATE", "is_schema", "names_in", "names_in_body", "problems_of"]
