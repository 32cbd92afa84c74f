"""Errors of files that a model names, and the user did not: they show nothing of the content.

A model may come from a stranger, and `model.json` may name any file of this machine, such as one of passwords. Where it
is no data that can be forecast, the error would show some of it, and the stderr of a service may be read by others. So
such an error names the file alone, and says how to see the rest: by naming the file, which then is the user's choice.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from forecaster.errors import ConfigurationError, DataError, UsageError

__all__ = ["hide_content"]


@contextmanager
def hide_content(names: Sequence[str], *, what: str, flag: str = "") -> Iterator[None]:
    """Raise errors of the files `names`, which are `what`, without their messages; `flag` names such a file."""
    try:
        yield
    except (ConfigurationError, DataError, UsageError) as error:
        written = " ".join(names)
        # without the error itself as the cause: its message stays hidden in Python, too
        raise type(error)(
            f"{written}: {what} that the model remembers cannot be used. Name it to see why: add {flag}{written}"
        ) from None
