"""How the user says that the input is to be read: each option once, with what the command line says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

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

    def as_plain(self) -> dict[str, Any]:
        """The options that were given, in values that JSON keeps as they are."""
        given = {name: value for name, value in vars(self).items() if value not in (None, ())}
        return {**given, "ids": list(self.ids)} if self.ids else given

    def over(self, remembered: Mapping[str, Any]) -> Self:
        """These options, and where they were not given those that a model `remembered`, as `as_plain` gave them.

        Raises TypeError for what is no option.
        """
        options = {**remembered, **self.as_plain()}
        return type(self)(**{**options, "ids": tuple(options.get("ids", ()))})
