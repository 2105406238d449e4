"""The server itself."""

from moorings.client.answer import Answer
from moorings.client.call import Call, path
from moorings.client.operation import Noun, Operation, S


class Health(Answer):
    """The server answers and its database reads."""

    status: str
    integrations: int


class Alive(Answer):
    """The server answers."""

    status: str


class ServerCalls(Noun[S]):
    """Whether it is there."""

    @Operation
    def health(self) -> Call[Health]:
        """Answers when the server is up and its database can be read; a server that is not well is `ServerFailed`."""
        return Call("GET", path("health"), Health)

    @Operation
    def live(self) -> Call[Alive]:
        """Answers when the process does, whatever its database may do."""
        return Call("GET", path("health", "live"), Alive)

    @Operation
    def ready(self) -> Call[Alive]:
        """Answers when calls can be served; a server that cannot is `ServerFailed`."""
        return Call("GET", path("health", "ready"), Alive)
