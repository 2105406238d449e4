"""The server itself."""

from moorings.client.answer import Answer
from moorings.client.call import Call, path
from moorings.client.operation import Noun, Operation, S


class Health(Answer):
    """The server answers and its database reads."""

    status: str
    integrations: int


class ServerCalls(Noun[S]):
    """Whether it is there."""

    @Operation
    def health(self) -> Call[Health]:
        """Answers when the server is up and its database can be read; a server that is not well is `ServerFailed`."""
        return Call("GET", path("health"), Health)
