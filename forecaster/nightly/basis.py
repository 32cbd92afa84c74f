"""What the values of a run are: forecasts are compared only with values of the same kind."""

from dataclasses import dataclass, field

from forecaster.data.read_options import ReadOptions
from forecaster.library.inputs import Given
from forecaster.library.model import Model

__all__ = ["Basis", "find_basis"]

DECISIVE = ("aggregate", "decimal", "duplicates", "fill", "missing", "sheet", "timezone")
"""Reading options that decide what the values are."""
USUAL = (None, (), "refuse")


@dataclass(frozen=True)
class Basis:
    """The columns and the step of the series, and the `options`, as text by flag, that decide what a value is.

    In wide form each column is a series, and there are neither `targets` nor `ids`.
    """

    targets: tuple[str, ...]
    ids: tuple[str, ...]
    step: str
    options: dict[str, str] = field(default_factory=dict)

    def tell_apart(self, other: "Basis") -> str:
        """How this one differs from `other`, in words; empty where both are the same."""
        found = []
        if self.targets != other.targets:
            found.append(_contrast("the target ", self.targets, other.targets, none="a series for each column"))
        if self.ids != other.ids and self.targets and other.targets:
            found.append(_contrast("series by ", self.ids, other.ids, none="one series"))
        if self.step != other.step:
            found.append(_contrast("steps ", (self.step,), (other.step,)))
        for flag in sorted({*self.options, *other.options}):
            mine, its = self.options.get(flag), other.options.get(flag)
            if mine != its:
                found.append(
                    f"without {flag} {its}"
                    if mine is None
                    else f"with {flag} {mine}" + ("" if its is None else f", not {its}")
                )
        return "; ".join(found)


def find_basis(given: Given, *, model: Model, reading: ReadOptions) -> Basis:
    """What the values of data are that `model` has read with the options in `reading`."""
    used = reading if model.is_base else reading.over(model.trained_card.source.read_options)
    columns, calendar = given.summary.columns, given.panel.calendar
    options = {f"--{name}": getattr(used, name) for name in DECISIVE}
    return Basis(
        () if columns.wide else columns.targets,
        () if columns.wide else columns.ids,
        calendar.name if calendar.unit != "integer" else f"of {calendar.multiple}",
        {flag: _write(value) for flag, value in options.items() if value not in USUAL},
    )


def _write(value: object) -> str:
    """A value of an option as on the command line."""
    return (
        ",".join(map(str, value))
        if isinstance(value, tuple)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _contrast(what: str, mine: tuple[str, ...], its: tuple[str, ...], *, none: str = "") -> str:
    """One and not the other, in words; `none` stands for no words at all."""
    one, other = (" and ".join(map(repr, words)) for words in (mine, its))
    if one and other:
        return f"{what}{one}, not {other}"
    return f"{what}{one}, not {none}" if one else f"{none}, not {what}{other}"
