"""The options that `forecast plot` and `forecast report` share."""

from typing import Annotated

from forecaster.cli.declaring import option
from forecaster.cli.options import OUTPUT

__all__ = ["History", "Title", "Unit"]

History = Annotated[
    int | None,
    option(
        "--history",
        help="Steps of history to draw (default: four seasons, at least 60 and three horizons).",
        heading=OUTPUT,
        unit="STEPS",
        min=1,
    ),
]
Title = Annotated[
    str | None,
    option("--title", help="Title (default: the series or the file).", heading=OUTPUT, unit="TEXT"),
]
Unit = Annotated[
    str | None,
    option(
        "--unit",
        help="Unit of the values (default: the name of their column).",
        heading=OUTPUT,
        unit="TEXT",
    ),
]
