"""Entry point of `forecast` and `python -m forecaster`: set up signals and streams, then import everything else."""

import sys
from typing import NoReturn

from forecaster.cli.signals import exit_on_signal, ignore_signals
from forecaster.cli.streams import open_streams
from forecaster.machine import collect_rarely, compute_without_threads, end_without_collecting

__all__ = ["main"]


def main() -> NoReturn:
    """The entry point of the `forecast` command."""
    exit_on_signal()
    open_streams()
    compute_without_threads()
    collect_rarely()
    from forecaster.cli.app import run

    code = run()
    ignore_signals()
    end_without_collecting()
    sys.exit(code)


if __name__ == "__main__":
    main()
