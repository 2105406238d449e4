"""The calls of the API, as routes that are declared where they are answered."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from moorings.asgi import Scope
from moorings.http.operation import Operation

Endpoint = Callable[..., Awaitable[Response]]
Declared = Callable[[Endpoint], Endpoint]


class Call(Route):
    """A method and path; its function takes the request and the parts of the path, each as text."""

    def __init__(self, method: str, path: str, function: Endpoint, tag: str, operation: Operation | None) -> None:
        async def answered(request: Request) -> Response:
            return await function(request, **request.path_params)

        super().__init__(path, answered, methods=[method])
        # The framework would answer HEAD too; the API has no such call.
        self.method, self.methods = method, {method}
        self.function, self.tag, self.operation = function, tag, operation

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it fits; whoever counts or logs the call finds it in the scope, also where the method is wrong."""
        match, found = super().matches(scope)
        return match, found if match is Match.NONE else {**found, "route": self}


class Router:
    """The calls of one noun. One that is declared without an operation is not in the document."""

    def __init__(self, prefix: str = "", tag: str = "") -> None:
        self._prefix, self._tag = prefix, tag
        self.calls: list[Call] = []

    def get(self, path: str, operation: Operation | None = None) -> Declared:
        """Declare what answers GET there."""
        return self._declared("GET", path, operation)

    def post(self, path: str, operation: Operation | None = None) -> Declared:
        """Declare what answers POST there."""
        return self._declared("POST", path, operation)

    def put(self, path: str, operation: Operation | None = None) -> Declared:
        """Declare what answers PUT there."""
        return self._declared("PUT", path, operation)

    def patch(self, path: str, operation: Operation | None = None) -> Declared:
        """Declare what answers PATCH there."""
        return self._declared("PATCH", path, operation)

    def delete(self, path: str, operation: Operation | None = None) -> Declared:
        """Declare what answers DELETE there."""
        return self._declared("DELETE", path, operation)

    def _declared(self, method: str, path: str, operation: Operation | None) -> Declared:
        def declare(function: Endpoint) -> Endpoint:
            self.calls.append(Call(method, self._prefix + path, function, self._tag, operation))
            return function

        return declare
