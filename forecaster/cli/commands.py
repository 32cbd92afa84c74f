"""The list of commands, each imported only where it is run; and what is said where the first word is none of them."""

import difflib
import os
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from forecaster.cli.origin import name_origin
from forecaster.cli.values import explain_value
from forecaster.errors import ConfigurationError, UsageError

__all__ = ["CommandList"]

MOST_WORDS = 8
DATA_ENDINGS = (".csv", ".gz", ".txt", ".tsv", ".parquet", ".xlsx")

SUMMARIES = {
    "train": "Learn from the series in DATA, starting from the base model, and write a model folder.",
    "evaluate": "Forecast from past cutoffs and compare the model's scores with simple baselines.",
    "predict": "Forecast every series in DATA, with a trained model or the base model.",
    "plot": "Draw history, forecast, intervals and the last backtest of one series or a grid of several.",
    "report": "Write one HTML file on the forecasts of all series: how good they are, and a chart of each.",
    "run": "Run a whole night: read, check, train where needed, forecast, score past forecasts, pass the gates, write.",
    "monitor": "Score the forecasts of past runs against the values that have come since, and judge the model.",
    "template": "Write the rows that a forecast needs of what is known ahead, such as prices, to fill in.",
    "check": "Show what DATA is taken for and what is wrong or unusual in it, without a forecast.",
    "inspect": "Show what is in a model, and why it forecasts one series as it does.",
    "pretrain": "Make a base model from synthetic series; this takes hours, and can be stopped and resumed.",
}
"""The first sentence of each command's help: with it here, the list is shown without importing the commands."""


@cache
def _make_command(name: str) -> Any:
    from forecaster.cli.help import GroupedCommand

    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command(name, cls=GroupedCommand)(getattr(import_module(f"forecaster.cli.{name}"), name))
    return typer.main.get_command(alone)


class LazyCommands(Mapping[str, Any]):
    """The commands by name. Each is a function of that name in its own module, imported when it is first looked up."""

    def __getitem__(self, name: str) -> Any:
        if name not in SUMMARIES:
            raise KeyError(name)
        return _make_command(name)

    def __contains__(self, name: object) -> bool:
        return name in SUMMARIES

    def __iter__(self) -> Iterator[str]:
        return iter(SUMMARIES)

    def __len__(self) -> int:
        return len(SUMMARIES)


class CommandList(TyperGroup):
    """The commands. Raises UsageError that says what was probably meant."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = LazyCommands()  # type: ignore[assignment]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each command with its whole summary, wrapped, not cut off."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that `args` begin with, and the other words."""
        word = args[0]
        if word.startswith("-") and word != "-":
            return super().resolve_command(ctx, args)
        if word not in self.commands:
            raise UsageError(f"{word!r} is not a command. {self._suggest(args)}")
        if ctx.obj is not None:
            ctx.obj.note(word, args[1:], (ctx.default_map or {}).get(word, {}))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Options that cannot be parsed are a UsageError where the failure is to be said in JSON.

        Raises ConfigurationError where a variable has such a value.
        """
        try:
            return super().invoke(ctx)
        except Exception as error:
            explained = explain_value(error)
            if explained is not None:
                error.message = explained  # type: ignore[attr-defined]
            parameter, context = getattr(error, "param", None), getattr(error, "ctx", None)
            if parameter is not None and context is not None and name_origin(parameter, context) is not None:
                raise ConfigurationError(error.format_message()) from error  # type: ignore[attr-defined]
            if ctx.obj is None or not ctx.obj.is_read_by_programs or not hasattr(error, "format_message"):
                raise
            raise UsageError(error.format_message()) from error

    def _suggest(self, args: list[str]) -> str:
        word = args[0]
        if word.lower() == "help":
            named = f"{args[1]} " if args[1:] and args[1] in self.commands else ""
            return f"For help: forecast {named}--help."
        near = difflib.get_close_matches(word.lower(), self.commands, n=1)
        if near and not os.path.isfile(word):  # noqa: PTH113 - pathlib would slow --help down
            return f"Did you mean forecast {near[0]}?"
        if word == "-" or word.lower().endswith(DATA_ENDINGS) or os.path.exists(word):  # noqa: PTH110
            words = shlex.join(args) if len(args) <= MOST_WORDS else f"{shlex.quote(word)} …"
            return f"To forecast the data in it: forecast predict {words}"
        return f"There are {', '.join(self.commands)}; forecast --help describes them."
