"""Options for reading the input, each declared once with its command-line flag and help text."""

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Annotated, Literal, Self

from forecaster.errors import UsageError
from forecaster.limits import check_fields
from forecaster.settings import Flag

__all__ = [
    "ALL_KINDS",
    "CALENDAR_KINDS",
    "Aggregate",
    "Closed",
    "Duplicates",
    "FutureFill",
    "ReadOptions",
    "RememberedOptions",
    "is_holiday_file",
    "is_weekly",
    "split_names",
]

Duplicates = Literal["refuse", "sum", "mean", "last", "first"]
Closed = Literal["skip", "zero"]
Aggregate = Literal["sum", "mean", "last", "max", "count"]
Decimal = Literal[".", ","]
FutureFill = Literal["last", "seasonal", "mean", "zero"]

CALENDAR_KINDS = (
    "trading-days",
    "working-days",
    "month-length",
    "month-days",
    "month-edges",
    "month-weeks",
    "year-turn",
)
ALL_KINDS = "all"


@dataclass(frozen=True)
class ReadOptions:
    """The options that were given; those left out are detected from the input, and `duplicates` are refused."""

    ids: Annotated[
        tuple[str, ...],
        Flag(
            "--id",
            "Column that identifies the series; several form one key, '' for one series (default: found).",
            "COLUMN",
        ),
    ] = ()
    time: Annotated[str | None, Flag("--time", "Column of timestamps.", "COLUMN")] = None
    target: Annotated[
        str | None, Flag("--target", "Column to forecast; several, as in a,b, each on its own.", "COLUMN")
    ] = None
    wide: Annotated[bool | None, Flag("--wide/--long", "One column per series, or not (default: detected).")] = None
    known: Annotated[
        tuple[str, ...],
        Flag("--known", "Column known ahead that may explain the target; several, as in price,promo.", "COLUMN"),
    ] = ()
    past: Annotated[
        tuple[str, ...],
        Flag("--past", "Column that may explain the target, known for the past only; several, as in a,b.", "COLUMN"),
    ] = ()
    static: Annotated[
        tuple[str, ...],
        Flag(
            "--static",
            "Column that describes a series as a whole, for 'train' to learn from; several, as in region,size.",
            "COLUMN",
        ),
    ] = ()
    categories: Annotated[
        tuple[str, ...],
        Flag(
            "--categories",
            "Column of --known, --past or --static whose numbers are codes, each a category; several, as in a,b.",
            "COLUMN",
        ),
    ] = ()
    holidays: Annotated[
        tuple[str, ...],
        Flag(
            "--holidays",
            "Holidays that may explain the target: US, DE-BY, or a CSV file of names and dates; several, as in US,CA.",
            "NAME",
        ),
    ] = ()
    calendar: Annotated[
        tuple[str, ...],
        Flag(
            "--calendar",
            "What dates tell that may explain the target: trading-days, working-days, month-length of months; "
            "month-days, month-edges, month-weeks, year-turn of shorter steps; all.",
            "KIND",
        ),
    ] = ()
    frequency: Annotated[
        str | None, Flag("--freq", "Step, as a pandas alias: YS, QS, MS, W, D, B, h, 15min; or 445, 454, 544.", "STEP")
    ] = None
    date_format: Annotated[str | None, Flag("--date-format", "How dates are written, such as %d/%m/%Y.", "FORMAT")] = (
        None
    )
    timezone: Annotated[
        str | None, Flag("--timezone", "Time zone to read and write timestamps that carry UTC offsets.", "ZONE")
    ] = None
    encoding: Annotated[str | None, Flag("--encoding", "Text encoding, where it is not UTF-8.", "NAME")] = None
    duplicates: Annotated[
        Duplicates | None,
        Flag("--duplicates", "What to do with rows of the same series and timestamp (default: refuse)."),
    ] = None
    closed: Annotated[
        Closed | None,
        Flag(
            "--closed",
            "Days and hours at which no series ever has a value: skip them in the output, or write zero (default: "
            "skip).",
        ),
    ] = None
    fill: Annotated[
        float | None,
        Flag(
            "--fill",
            "Value that a missing row means, in units of the data, such as 0 where only sales have rows.",
            "VALUE",
        ),
    ] = None
    totals: Annotated[
        bool | None,
        Flag("--totals/--no-totals", "Forecast what is the sum of all others, too, or not (default: left out)."),
    ] = None
    running_totals: Annotated[
        bool | None,
        Flag(
            "--running-totals/--no-running-totals",
            "Take every series that never falls for a running total, such as meter readings, and forecast what is "
            "added in each step; or none (default: found for each).",
        ),
    ] = None
    decimal: Annotated[Decimal | None, Flag("--decimal", "Decimal mark (default: from all cells of the column).")] = (
        None
    )
    missing: Annotated[
        tuple[str, ...], Flag("--missing", "Value or text that stands for a missing one, such as -999.", "MARK")
    ] = ()
    header: Annotated[
        bool | None,
        Flag("--header/--no-header", "The first line names the columns, or is the first row (default: detected)."),
    ] = None
    skip_lines: Annotated[
        int | None, Flag("--skip-lines", "Number of lines above the header or the first row (default: found).", "COUNT")
    ] = None
    aggregate: Annotated[
        Aggregate | None,
        Flag(
            "--aggregate",
            "How the rows of each step of --freq become one: transactions, irregular timestamps; count for events.",
        ),
    ] = None
    sheet: Annotated[
        str | None, Flag("--sheet", "Sheet of an Excel file (default: the first that holds a table).", "NAME")
    ] = None

    def __post_init__(self) -> None:
        check_fields(self)
        if self.skip_lines is not None and self.skip_lines < 0:
            raise UsageError(f"--skip-lines {self.skip_lines}: not a number of lines. Use 0 or more.")
        for kind in split_names(self.calendar):
            if kind not in (*CALENDAR_KINDS, ALL_KINDS):
                near = get_close_matches(kind, CALENDAR_KINDS, n=1)
                meant = f" Did you mean {near[0]}?" if near else ""
                raise UsageError(f"--calendar {kind}: not one of {' '.join((*CALENDAR_KINDS, ALL_KINDS))}.{meant}")

    @property
    def holiday_files(self) -> list[tuple[str]]:
        """The files among the holidays, each a set of data of its own."""
        return [(name,) for name in split_names(self.holidays) if is_holiday_file(name)]

    @property
    def merges_rows(self) -> bool:
        """Whether it was said what becomes of rows that repeat a timestamp, so that they show no series."""
        return self.duplicates not in (None, "refuse") or self.aggregate is not None

    @property
    def counts_rows(self) -> bool:
        """Whether each row is an event that counts as one, whatever it holds."""
        return self.aggregate == "count"

    @property
    def makes_weeks(self) -> bool:
        """Whether rows are aggregated to weeks, which have the date of their last day."""
        return self.aggregate is not None and is_weekly(self.frequency or "")

    def over(self, remembered: Self) -> Self:
        """These options; where one was not given, the one that a model `remembered`, unless they exclude each other."""
        if self.ids or self.target:
            remembered = replace(remembered, wide=None)
        if self.wide:
            remembered = replace(remembered, ids=(), target=None)
        merged = replace(remembered, **{name: value for name, value in vars(self).items() if value not in (None, ())})
        if self.categories:
            return merged
        used = {*split_names(merged.known), *split_names(merged.past), *split_names(merged.static)}
        return replace(merged, categories=tuple(name for name in split_names(merged.categories) if name in used))


@dataclass(frozen=True)
class RememberedOptions(ReadOptions):
    """The same, as a model remembers them that does without some columns of `static`: data may lack those."""

    dispensable: tuple[str, ...] = ()


def split_names(given: tuple[str, ...]) -> tuple[str, ...]:
    """The names in `given`, each on its own or several separated by commas."""
    return tuple(part.strip() for names in given for part in names.split(",") if part.strip())


def is_weekly(frequency: str) -> bool:
    """Whether an alias of pandas names weeks, such as W, 2W or W-MON."""
    return "W" in frequency


def is_holiday_file(name: str) -> bool:
    """Whether this is a file of holidays, not a country."""
    return name.lower().endswith(".csv")
