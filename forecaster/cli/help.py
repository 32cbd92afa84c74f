"""The help of a command: its options under headings, in plain text, because formatted help would take twice as long."""

from typing import Any

from typer.core import TyperCommand

from forecaster.cli.options import HEADINGS, HELP

__all__ = ["GroupedCommand"]

WIDEST = 22
"""Width of the column of option names and units; a wider entry gets a line of its own."""


class GroupedCommand(TyperCommand):
    """A command that shows its options in groups."""

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
