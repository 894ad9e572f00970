"""A property that is computed once for each object, while others compute their own."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class cached_attribute(Generic[Value]):  # noqa: N801 - a decorator, like cached_property
    """As `functools.cached_property`, but without the lock that this has before Python 3.12.

    That is one for all objects of a class: a request whose list waits for the model would hold up
    every other list. An object is not to be shared by threads.
    """

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> Value:
        """The value, which stands in the descriptor's place from now on."""
        value = self._make(instance)
        instance.__dict__[self._name] = value
        return value
