"""Entry point of `forecast` and `python -m forecaster`: set up signals and streams, then import everything else."""

import gc
import sys
from typing import NoReturn

from forecaster.cli.signals import exit_on_signal, ignore_signals
from forecaster.cli.streams import open_streams
from forecaster.machine import compute_without_threads

__all__ = ["main"]


def main() -> NoReturn:
    """The entry point of the `forecast` command."""
    exit_on_signal()
    open_streams()
    compute_without_threads()
    # imports create many objects and hardly any garbage: collecting it less often makes the start faster
    gc.set_threshold(100_000)
    from forecaster.cli.app import run

    code = run()
    ignore_signals()
    sys.exit(code)


if __name__ == "__main__":
    main()
