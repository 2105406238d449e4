"""Shopify's exchange of client credentials and its shop query, as public records have them; the rest are samples."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from moorings.emulators.contract import Answer, Call
from moorings.emulators.samples import sampled

ID = "shopify"
GRAPHQL = "/admin/api/2026-07/graphql.json"
TOKEN = "shpat_emulated00000000000000shopify"
CLIENT_ID = "emulated0000000000000shopify0client"
CLIENT_SECRET = "shpss_emulated00000000000000shopify"
EXCHANGED_TOKEN = "shpca_emulated00000000000000shopify"
SHOP = {
    "id": "gid://shopify/Shop/900001",
    "name": "Emulated harbour shop",
    "myshopifyDomain": "emulated-shop.myshopify.com",
}
PAGE = Answer(HTTPStatus.OK, b"<html><body>Sign in to the network</body></html>", {"content-type": "text/html"})


def refusal(status: HTTPStatus, errors: str) -> Answer:
    """The shape of errors before the query is looked at."""
    return Answer(status, {"errors": errors})


def failure(code: str, message: str) -> Answer:
    """The shape of errors of a query: 200, and what could not be had is null."""
    return Answer(HTTPStatus.OK, {"data": None, "errors": [{"message": message, "extensions": {"code": code}}]})


def unexchanged(error: str, description: str) -> Answer:
    """The shape of errors of the exchange."""
    return Answer(HTTPStatus.BAD_REQUEST, {"error": error, "error_description": description})


def found(data: Mapping[str, Any]) -> Answer:
    """The shape of good answers."""
    return Answer(HTTPStatus.OK, {"data": data})


REFUSED = refusal(
    HTTPStatus.UNAUTHORIZED, "[API] Invalid API key or access token (unrecognized login or wrong password)"
)
UNINSTALLED = {"appUninstall": {"userErrors": list[object]()}}

SUBTLE: tuple[tuple[str, Answer, str], ...] = (
    ("a shop", found({"shop": SHOP}), "works"),
    ("a token without a scope", failure("ACCESS_DENIED", "Access denied for shop field."), "works"),
    ("a wrong token", REFUSED, "rejected"),
    ("no such shop", refusal(HTTPStatus.NOT_FOUND, "Not Found"), "rejected"),
    ("another address", Answer(HTTPStatus.NOT_FOUND, PAGE.body, PAGE.headers), "unavailable"),
    ("a frozen shop", refusal(HTTPStatus.PAYMENT_REQUIRED, "Unavailable Shop"), "unavailable"),
    ("a locked shop", refusal(HTTPStatus.LOCKED, "Unavailable Shop"), "unavailable"),
    ("a refusal by something in between", Answer(HTTPStatus.FORBIDDEN, PAGE.body, PAGE.headers), "unavailable"),
    ("too costly queries", failure("THROTTLED", "Throttled"), "unavailable"),
    ("too many calls", refusal(HTTPStatus.TOO_MANY_REQUESTS, "Exceeded the call limit."), "unavailable"),
    ("a fault", failure("INTERNAL_SERVER_ERROR", "Internal error. Looks like something went wrong."), "unavailable"),
    ("an outage", Answer(HTTPStatus.SERVICE_UNAVAILABLE), "unavailable"),
    ("a page of a proxy", PAGE, "unavailable"),
)


class Shopify:
    """Takes one access token until its app is uninstalled; exchanges one pair of client credentials for another."""

    integration_id = ID

    def __init__(self) -> None:
        self._dead: set[str] = set()

    def reset(self) -> None:
        """The app is installed again."""
        self._dead.clear()

    def credentials(self) -> Mapping[str, str]:
        """See `Emulator.credentials`."""
        return {"shop": "emulated-shop", "accessToken": TOKEN}

    def answer(self, call: Call) -> Answer:
        """See `Emulator.answer`."""
        if (call.method, call.path) == ("POST", "/admin/oauth/access_token"):
            return _exchange(call)
        shown = call.headers.get("x-shopify-access-token", "")
        if shown not in {TOKEN, EXCHANGED_TOKEN} - self._dead:
            return REFUSED
        if (call.method, call.path) != ("POST", GRAPHQL):
            return refusal(HTTPStatus.NOT_FOUND, "Not Found")
        return self._queried(call, shown)

    def _queried(self, call: Call, shown: str) -> Answer:
        if b"appUninstall" in call.body:
            self._dead.add(shown)
            return found(UNINSTALLED)
        if b"shop {" in call.body:
            return found({"shop": SHOP})
        return sampled(ID, call) or failure("undefinedField", "Field doesn't exist on type 'QueryRoot'")


def _exchange(call: Call) -> Answer:
    shown = parse_qs(call.body.decode(errors="replace"))
    if shown.get("grant_type") != ["client_credentials"] or not shown.get("client_id"):
        return unexchanged("invalid_request", "The request is missing a required parameter.")
    if shown.get("client_id") != [CLIENT_ID] or shown.get("client_secret") != [CLIENT_SECRET]:
        return unexchanged("invalid_client", "Client authentication failed.")
    scope = "read_products,write_products,read_orders,read_customers,write_inventory"
    return Answer(HTTPStatus.OK, {"access_token": EXCHANGED_TOKEN, "scope": scope, "expires_in": 86399})


EMULATOR = Shopify()
