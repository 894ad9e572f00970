"""How long work reports its progress to the command that runs it."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the step, how much of it is done, and the total, 0 if that is not known."""

CountProgress = Callable[[int, int], None]
"""The same for work of one step: how much is done, and the total."""
