"""A cached property without a lock."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class cached_attribute(Generic[Value]):  # noqa: N801 - a decorator, like cached_property
    """Like `functools.cached_property`, but without the lock that it has before Python 3.12.

    That lock is shared by all objects of a class, so a request that waits for the model would
    block all other requests. An object with such an attribute must not be shared by threads.
    """

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> Value:
        """Compute the value and store it on the instance, which then hides this descriptor."""
        value = self._make(instance)
        instance.__dict__[self._name] = value
        return value
