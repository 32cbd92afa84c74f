"""`forecast`, and `python -m forecaster`, which is the same: the process is made ready, then all else is imported."""

import gc
import sys
from typing import NoReturn

from forecaster.cli.signals import exit_on_signal, ignore_signals
from forecaster.cli.streams import open_streams

__all__ = ["main"]


def main() -> NoReturn:
    """The entry point of the `forecast` command."""
    exit_on_signal()
    open_streams()
    # importing makes many objects and hardly any garbage: looking for it less often starts up faster
    gc.set_threshold(100_000)
    from forecaster.cli.app import run

    code = run()
    ignore_signals()
    sys.exit(code)


if __name__ == "__main__":
    main()
