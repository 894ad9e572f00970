"""The one place that catches every failure to read a record, so that none ends a run."""

from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import BadIdentifier


@contextmanager
def reading_one_record() -> Iterator[None]:
    """Raise ValueError with the reason for any failure within the block.

    The caller keeps the record aside and reads the next. MemoryError passes, and so does what is
    not an Exception, such as KeyboardInterrupt: these concern the process, not the record.
    """
    try:
        yield
    except (ValueError, BadIdentifier) as error:
        raise ValueError(str(error)) from error
    except MemoryError:
        raise
    # Records come from other programs and pass through libraries that document no exceptions:
    # pylatexenc has raised IndexError and AttributeError for valid TeX.
    except Exception as error:
        raise ValueError(f"reading it failed with {type(error).__name__}: {error}") from error
