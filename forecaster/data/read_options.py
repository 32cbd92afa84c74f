"""How the user says that the input is to be read: each option once, with what the command line says of it."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self

from forecaster.settings import Flag

__all__ = ["Duplicates", "ReadOptions"]

Duplicates = Literal["refuse", "sum", "mean", "last", "first"]


@dataclass(frozen=True)
class ReadOptions:
    """The options that were given; what is left out is found out, and `duplicates` are refused."""

    ids: Annotated[
        tuple[str, ...], Flag("--id", "Column that tells series apart; several make one key.", "COLUMN")
    ] = ()
    time: Annotated[str | None, Flag("--time", "Column of timestamps.", "COLUMN")] = None
    target: Annotated[str | None, Flag("--target", "Column to forecast.", "COLUMN")] = None
    wide: Annotated[bool | None, Flag("--wide/--long", "One column per series, or not (default: found out).")] = None
    frequency: Annotated[
        str | None, Flag("--freq", "Step, as a pandas alias: YS, QS, MS, W, D, B, h, 15min.", "STEP")
    ] = None
    date_format: Annotated[str | None, Flag("--date-format", "How dates are written, such as %d/%m/%Y.", "FORMAT")] = (
        None
    )
    timezone: Annotated[
        str | None, Flag("--timezone", "Zone to read and write timestamps in that carry UTC offsets.", "ZONE")
    ] = None
    encoding: Annotated[str | None, Flag("--encoding", "Text encoding, where it is not UTF-8.", "NAME")] = None
    duplicates: Annotated[
        Duplicates | None, Flag("--duplicates", "Rows of one series with one timestamp (default: refuse).")
    ] = None

    def over(self, remembered: Self) -> Self:
        """These options, and where they were not given those that a model `remembered`."""
        return replace(remembered, **{name: value for name, value in vars(self).items() if value not in (None, ())})
