"""The `forecast` command line: its commands, and errors reported as a sentence on stderr and an exit code."""

import os
import sys
from typing import Annotated, Any

import typer

from forecaster.cli.commands import CommandList
from forecaster.cli.failing import Failing
from forecaster.cli.signals import RaiseOnSignal
from forecaster.errors import InterruptedRunError
from forecaster.failures import BUG
from forecaster.version import __version__

__all__ = ["app", "run"]

app = typer.Typer(
    name="forecast",
    help="Forecasts with honest intervals from a CSV. Start with: forecast train DATA, then forecast predict.",
    epilog="Every option is also an environment variable, and a key of forecast.toml in this folder.",
    cls=CommandList,
    no_args_is_help=True,
    add_completion=False,
    # formatted help and tracebacks would double the time that --help takes
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"forecast {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    del version


def run(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    signals = RaiseOnSignal()
    failing = Failing(signals)
    try:
        with signals:
            code = _execute(arguments, failing)
            # so that a write error is reported now, not when the interpreter ends
            sys.stdout.flush()
            return code
    except (Exception, InterruptedRunError) as error:
        message, code = failing.explain(error)
        failing.call_health_check(code)
        if code == BUG and os.environ.get("FORECAST_DEBUG"):
            raise
        failing.report(message, code)
        return code


def _execute(arguments: list[str] | None, failing: Failing) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    if words:
        failing.note(words[0], words[1:], {})
    try:
        app(arguments, default_map=_read_settings(words, failing), obj=failing)
    except SystemExit as finished:
        code = finished.code if isinstance(finished.code, int) else 1
        if code:  # options that could not be parsed
            failing.call_health_check(code)
        return code
    return 0


def _read_settings(words: list[str], failing: Failing) -> dict[str, Any] | None:
    """Defaults from forecast.toml in this folder, None where there is none; it may be the failure itself."""
    if not os.path.exists("forecast.toml"):  # noqa: PTH110 - pathlib would slow --help down
        return None
    from forecaster.cli.settings_file import guess_settings, read_settings_file

    if words:
        failing.note(words[0], words[1:], guess_settings(words[0]))
    return read_settings_file(app)
