"""The help of a command: its options under headings, in plain text, because formatted help would take twice as long."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from typer.core import TyperCommand

from forecaster.cli.options import HEADINGS, HELP
from forecaster.cli.variables import find_unknown
from forecaster.errors import UsageError

__all__ = ["GroupedCommand"]

COMMA_SEPARATED = ("level", "quantiles", "season", "baselines", "pick", "empty", "peepholes")
"""Options of one text for all of their values; of all others that are given twice the last counts, or they add up."""
WIDEST = 22
"""Width of the column of option names and units; a wider entry gets a line of its own."""


class GroupedCommand(TyperCommand):
    """A command that shows its options in groups, and refuses a list that is given in pieces."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words after the command. Raises UsageError for an option of COMMA_SEPARATED that is given again."""
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        for parameter, count in Counter(order).items():
            if count > 1 and parameter.name in COMMA_SEPARATED:
                raise UsageError(
                    f"{parameter.opts[0]} is given {count} times, of which only the last would count. Give it once, "
                    "with commas between its values."
                )
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command, unless an environment variable is nearly that of an option; name those that are of none.

        They are named with --quiet, too: it leaves out what went well, and an option that has no effect did not.
        """
        if ctx.obj is not None:
            ctx.obj.context = ctx
        commands = getattr(ctx.find_root().command, "commands", {})  # none where a command runs by itself
        for problem in find_unknown(
            _list_variables(self),
            others=_list_all_variables(commands),
            learning=_list_learning_variables(self, commands=commands),
        ):
            if ctx.obj is not None:
                ctx.obj.warn("unknown_variable", problem)
        return super().invoke(ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and options, with all help texts in one column."""
        groups: dict[str, list[tuple[str, str]]] = {heading: [] for heading in HEADINGS}
        for parameter in self.get_params(ctx):
            name, text = parameter.get_help_record(ctx) or ("", "")
            name = name.replace(" <list[str]>", "...")
            heading = "Arguments" if parameter.param_type_name == "argument" else HELP
            groups[getattr(parameter, "rich_help_panel", None) or heading].append((name.ljust(WIDEST), text))
        for heading, rows in groups.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows, col_max=WIDEST)


def _list_variables(command: TyperCommand) -> Iterator[str]:
    """The environment variables of the options of a command."""
    for parameter in command.params:
        if isinstance(parameter.envvar, str):
            yield parameter.envvar


def _list_all_variables(commands: Mapping[str, Any]) -> Iterator[str]:
    """Those of all commands, which are imported for it: only where a variable is not known to one of them."""
    for command in commands.values():
        yield from _list_variables(command)


def _list_learning_variables(command: TyperCommand, *, commands: Mapping[str, Any]) -> Iterator[str]:
    """Those of `train`, for `run`, which trains without most of its options."""
    if command.name == "run" and "train" in commands:
        yield from _list_variables(commands["train"])
