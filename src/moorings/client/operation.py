"""One definition of each call serves both clients: a method that makes the call becomes one that sends it."""

from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from moorings.client.call import A, Call
from moorings.client.sending import AsyncSender, Sender

P = ParamSpec("P")
S = TypeVar("S", bound=Sender | AsyncSender)


class Noun(Generic[S]):
    """The calls about one noun, over the sender of a client."""

    def __init__(self, sender: S) -> None:
        self._sender = sender

    def send(self, call: Call[A]) -> A | Coroutine[Any, Any, A]:
        """The answer, or what is to be awaited for it."""
        sender: Sender | AsyncSender = self._sender
        return sender.send(call)


class Operation(Generic[P, A]):
    """Decorates a method that returns a `Call`.

    On a noun of `Moorings` it returns the call's answer, on one of `AsyncMoorings` it is awaited for it.
    """

    def __init__(self, define: Callable[Concatenate[Any, P], Call[A]]) -> None:
        self._define = define
        update_wrapper(self, define)  # type: ignore[arg-type]  # it is looked at, not called

    @overload
    def __get__(self, noun: None, owner: type) -> Self: ...
    @overload
    def __get__(self, noun: Noun[Sender], owner: type) -> Callable[P, A]: ...
    @overload
    def __get__(self, noun: Noun[AsyncSender], owner: type) -> Callable[P, Coroutine[Any, Any, A]]: ...

    def __get__(self, noun: Noun[Any] | None, owner: type) -> object:
        if noun is None:
            return self

        def run(*args: P.args, **kwargs: P.kwargs) -> A | Coroutine[Any, Any, A]:
            return noun.send(self._define(noun, *args, **kwargs))

        return update_wrapper(run, self._define.__get__(noun, owner))
