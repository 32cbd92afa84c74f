"""The list of commands: what is said where the first word on the command line is none of them."""

import difflib
import os
import shlex
from typing import Any

from typer.core import TyperGroup

from forecaster.errors import UsageError

__all__ = ["CommandList"]

DATA_ENDINGS = (".csv", ".gz", ".txt", ".tsv", ".parquet", ".xlsx")


class CommandList(TyperGroup):
    """The commands. Raises UsageError that says what was probably meant."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that `args` begin with, and the other words."""
        word = args[0]
        if word.startswith("-") and word != "-":
            return super().resolve_command(ctx, args)
        if word not in self.commands:
            raise UsageError(f"{word!r} is not a command. {self._suggest(args)}")
        return super().resolve_command(ctx, args)

    def _suggest(self, args: list[str]) -> str:
        word = args[0]
        if word.lower() == "help":
            named = f"{args[1]} " if args[1:] and args[1] in self.commands else ""
            return f"For help: forecast {named}--help."
        near = difflib.get_close_matches(word.lower(), self.commands, n=1)
        if near and not os.path.isfile(word):  # noqa: PTH113 - pathlib would slow --help down
            return f"Did you mean forecast {near[0]}?"
        if word == "-" or word.lower().endswith(DATA_ENDINGS) or os.path.exists(word):  # noqa: PTH110
            return f"To forecast the data in it: forecast predict {shlex.quote(word)}"
        return f"There are {', '.join(self.commands)}; forecast --help describes them."
