"""Turns a listing's pages, and joins them to one answer."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from moorings.domain.request_form import Pages, Turning
from moorings.providers.answers import find
from moorings.providers.request import PreparedRequest

_LINK = re.compile(r"<([^<>]*)>([^,<]*)")
_IS_NEXT = re.compile(r'\brel="?next\b', re.IGNORECASE)
_IS_EMPTY = re.compile(r'\bresults="?false\b', re.IGNORECASE)
_QUERY = re.compile(r"[!-~]+")

Values = Mapping[str, Any]


def items_of(pages: Pages, answer: Any) -> list[Any]:
    """The list in one page; empty where there is none."""
    found = find(pages.items, answer) if pages.items else answer
    return found if isinstance(found, list) else []


def parameters_after(pages: Pages, values: Values, answer: Any) -> Values | None:
    """The parameters of the page after this one; None when it was the last."""
    if pages.parameter is None:
        return None
    if pages.turning is Turning.CURSOR:
        cursor = find(pages.next, answer)
        return {**values, pages.parameter: cursor} if cursor else None
    items = items_of(pages, answer)
    if not items or (pages.next is not None and not find(pages.next, answer)):
        return None
    offset = pages.turning is Turning.OFFSET
    present = int(values.get(pages.parameter, 0 if offset else pages.first))
    return {**values, pages.parameter: present + (len(items) if offset else 1)}


def request_after(
    pages: Pages, request: PreparedRequest, headers: Mapping[str, str], answer: Any
) -> PreparedRequest | None:
    """The request of the page that an answer's link leads to; None when it was the last.

    Of the link only the query is taken: a provider's answer must not choose the host or path that a secret goes to.
    """
    query = _query(find(pages.next, answer) if pages.next else _linked(headers.get("link", "")))
    if not _QUERY.fullmatch(query) or not items_of(pages, answer):
        return None
    return replace(request, url=f"{request.url.partition('?')[0]}?{query}")


def _query(link: Any) -> str:
    try:
        return urlsplit(link).query if isinstance(link, str) else ""
    except ValueError:
        return ""


def _linked(header: str) -> str | None:
    """The address of the next page (RFC 8288); a provider that always names one says so when it is empty (Sentry)."""
    for address, rest in _LINK.findall(header):
        if _IS_NEXT.search(rest) and not _IS_EMPTY.search(rest):
            return str(address)
    return None


def joined(pages: Pages, answers: list[Any]) -> Any:
    """The last answer with the items of all of them."""
    items = [item for answer in answers for item in items_of(pages, answer)]
    return _put(answers[-1], pages.items.split(".") if pages.items else [], items)


def _put(answer: Any, path: list[str], items: list[Any]) -> Any:
    if not path:
        return items
    inner = answer.get(path[0], {}) if isinstance(answer, dict) else {}
    return {**(answer if isinstance(answer, dict) else {}), path[0]: _put(inner, path[1:], items)}
