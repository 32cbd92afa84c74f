"""Sentences for the user on data that was read and on forecasts."""

import math
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from forecaster.data.covariates import CALENDAR, HOLIDAYS
from forecaster.data.findings import Finding
from forecaster.data.panel import Panel
from forecaster.data.reading import ReadSummary
from forecaster.encoding.attribute_codes import AttributeCode
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.forecaster import Forecaster
from forecaster.library.covariate_remarks import describe_covariates
from forecaster.library.wording import count_things, name_series
from forecaster.model.card import ModelCard
from forecaster.model.shared_year_card import SharedYearCard

if TYPE_CHECKING:
    from forecaster.evaluation.worth import Worth
    from forecaster.learning.sharing import Sharing

__all__ = [
    "SCATTERED",
    "describe_bounded",
    "describe_correction",
    "describe_findings",
    "describe_forecast",
    "describe_harm",
    "describe_input",
    "describe_kind",
    "describe_mean",
    "describe_shared_year",
    "describe_sharing",
    "describe_static",
    "describe_support",
]

MOST_WARNINGS = 5
MOST_NAMES = 3
SCATTERED = "The series end at different times; each is forecast from its own end (or --origin latest)."


def describe_input(panel: Panel, summary: ReadSummary, *, name: str) -> list[str]:
    """Lines on what was detected in the data, and how missing values were treated."""
    count, columns = len(panel), summary.columns
    rows = summary.rows // len(columns.targets)
    lines = [f"{name}: {count_things(rows, 'row')}, {count:,} series, {panel.calendar.name}; {columns.describe()}"]
    lines += describe_repairs(
        merged_rows=summary.merged_rows,
        missing_values=summary.missing_values,
        missing_rows=summary.missing_rows,
        trailing_rows=summary.trailing_rows,
    )
    return lines + [f"  {note}" for note in summary.notes]


def describe_repairs(*, merged_rows: int, missing_values: int, missing_rows: int, trailing_rows: int) -> list[str]:
    """A line on how many rows and values were merged, missing or left out, if any."""
    repairs = [
        (merged_rows, "repeated row", "merged"),
        (missing_values, "missing value", ""),
        (missing_rows, "missing row", ""),
        (trailing_rows, "row", "without a value at the ends left out"),
    ]
    repaired = [f"{count_things(number, noun)} {words}".rstrip() for number, noun, words in repairs if number]
    return ["  " + ", ".join(repaired) + "; what is missing is masked, not filled in"] if repaired else []


def describe_findings(findings: tuple[Finding, ...], *, names: tuple[str, ...]) -> list[str]:
    """A line for each of the first warnings, and where to see all of them; `names` are those of the data, if any."""
    warnings = [f"  {finding.describe()}" for finding in findings if finding.severity == "warning"]
    more = len(warnings) - MOST_WARNINGS
    same = shlex.join(names) if len(names) <= MOST_NAMES else "with the same DATA"
    where = f"forecast check {same}" if names else "forecaster.check(frame)"
    return warnings[:MOST_WARNINGS] + ([f"  and {more} more: {where}"] if more > 0 else [])


def describe_harm(worth: "Worth | None", *, left_out: tuple[str, ...] = ()) -> list[str]:
    """A line on covariates that do harm, if any, and what to do; `left_out` are those that a training left out."""
    if worth is None or worth.harmful is None:
        return []
    names, it = " and ".join(worth.harmful_columns), "it" if len(worth.harmful_columns) == 1 else "them"
    scores = (worth.harmful.overall[worth.metric], worth.overall[worth.metric])
    sample = f", {worth.sample}" if worth.sample else ""
    found = (
        f"Without {names} the forecasts are better by more than chance "
        f"({worth.metric} {scores[0]:.3f} instead of {scores[1]:.3f}{sample})"
    )
    if left_out:
        return [f"{found}: the model does without {it} (--keep-covariates keeps {it})."]
    # a column of a wide table that has no other role is a series
    flags = {_find_flag(name, worth) for name in worth.harmful_columns}
    wide = f" (of a wide table, delete {it})" if not flags.isdisjoint(("--known", "--past")) else ""
    return [f"{found}: leave {it} out of {' and '.join(sorted(flags))}{wide}."]


def _find_flag(column: str, worth: "Worth") -> str:
    """The flag by which a covariate is used."""
    if column == HOLIDAYS:
        return "--holidays"
    if column.startswith(f"{CALENDAR} "):
        return "--calendar"
    return "--past" if column in worth.past else "--known"


def describe_sharing(sharing: "Sharing | None", *, unused_static: tuple[str, ...] = ()) -> list[str]:
    """A line on what the series have in common was worth, and one on what describes them but changes nothing."""
    lines = []
    if sharing is not None:
        what = f"What all series show together of {' and '.join(sharing.names)}"
        what += f", by {' and '.join(sharing.attributes)}," if sharing.attributes else ""
        gains = sharing.whole if sharing.effects is None or sharing.effects.reach is None else sharing.short
        scores = ", ".join(f"{gain.metric} {gain.without:.3f} → {gain.shared:.3f}" for gain in gains)
        if sharing.effects is None and sharing.gain.mean > 0 and not any(gain.is_worse for gain in gains):
            lines.append(
                f"{what} made the held-out windows better by no more than chance ({scores}; the error "
                f"{sharing.gain.mean:.1%} ± {sharing.gain.error:.1%} lower): each series learns its own effects."
            )
        elif sharing.effects is None:
            lines.append(f"{what} made the held-out windows no better ({scores}): each series learns its own effects.")
        elif sharing.effects.reach is None:
            lines.append(
                f"{what} made the held-out windows better ({scores}): each series learns from the others, too."
            )
        else:
            lines.append(
                f"{what} made the held-out windows better where pasts are short ({scores}): series with fewer than "
                f"{sharing.effects.reach} values learn from the others, too."
            )
    if unused_static:
        names = " and ".join(unused_static)
        lines.append(f"{names} (--static) changed no effect in a way that helps other series: not used.")
    return lines


def describe_shared_year(year: SharedYearCard | None) -> list[str]:
    """A line on how much repeats of what all series did a year before; none where nothing does."""
    if year is None:
        return []
    over = f"{count_things(year.cutoffs, 'earlier cutoff')} of {year.series:,} series"
    return [
        f"Of what all series did a year before, {year.share:.0%} is expected again: at {over} the error is "
        f"{year.gain:.1%} ± {year.error:.1%} lower with it (--no-shared-year does without)."
    ]


def describe_correction(card: ModelCard) -> list[str]:
    """A line on the correction of forecasts, if there is one, and on what it is worth; one where there was no time."""
    correction, unread = card.correction, card.training.unread_windows
    left = f"--budget ended before {count_things(unread, 'window')} to learn a correction of errors from could be read"
    if correction is None:
        return [f"{left}, and none was learned: a longer one leaves more time."] if unread else []
    kept, clock = correction.kept, correction.time_of_day
    begin = "" if clock is None else f" that begin at {format_clock(clock)}"
    reads = " and ".join([count_things(correction.lags, "newest value"), *correction.columns])
    part = "" if kept.share == 1 else f"{kept.share:.0%} of "
    return [
        f"Forecasts{begin} are corrected by {part}the errors that the model usually makes after such {reads}: at "
        f"{count_things(kept.cutoffs, 'held-out cutoff')} of {kept.series:,} series the error is {kept.gain:.1%} ± "
        f"{kept.error:.1%} lower with it (--no-correction does without).",
        *([f"{left}: a longer one leaves more time."] if unread else []),
    ]


def format_clock(time_of_day: int) -> str:
    """Microseconds since midnight as hours and minutes, and seconds where there are any."""
    minutes, seconds = divmod(time_of_day // 1_000_000, 60)
    clock = f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{clock}:{seconds:02}" if seconds else clock


def describe_static(panel: Panel, forecaster: Forecaster | None, *, static: tuple[str, ...]) -> list[str]:
    """Lines on attributes of the series: those that the base model does not use, and categories not seen in training.

    `forecaster` is that of a trained model, and `static` are the columns.
    """
    if forecaster is None:
        what = "what describes a series has no effect without 'forecast train'"
        return [f"  {', '.join(static)}: {what}"] if static else []
    pooled, correction, lines = forecaster.encoding.pooled, forecaster.correction, list[str]()
    if panel.attributes is None:
        return lines
    codes: list[AttributeCode] = [] if correction is None else [*correction.regressors.codes]
    codes += [] if pooled is None else pooled.attributes
    for one in {one.name: one for one in codes}.values():
        here = "numbers" if one.name in panel.attributes.numbers else "words"
        learned = "words" if one.categories else "numbers"
        if here != learned and one.name not in panel.attributes.list_empty():
            lines.append(f"  {one.name}: {here} here and {learned} in training, so it counts as unknown")
        unknown = one.list_unknown(panel.attributes)
        if unknown:
            series = np.flatnonzero(np.isin(panel.attributes.categories[one.name], unknown))
            shown = ", ".join(map(repr, unknown[:MOST_NAMES])) + (" …" if len(unknown) > MOST_NAMES else "")
            lines.append(
                f"  {one.name}: {shown} not seen in training, so it counts as unknown: {name_series(panel, series)}"
            )
    return lines


def describe_forecast(panel: Panel, forecast: Forecast, *, columns: Mapping[str, float]) -> list[str]:
    """Lines on forecasts that need attention: of series that never change, are short, were bounded or failed.

    `columns` are those that are written, with the level of each.
    """
    series, remarks = forecast.index.series, []
    needs = describe_support(columns, levels=forecast.levels)
    for kind, flag in (
        ("constant", forecast.is_constant),
        ("unsupported", forecast.lacks_support(columns)),
        ("short", forecast.is_short),
        ("count", forecast.is_count),
        ("lacks_year", np.False_ if forecast.lacks_year is None else forecast.lacks_year),
        ("uncorrected", np.False_ if forecast.is_uncorrected is None else forecast.is_uncorrected),
    ):
        if flag.any():
            remarks.append(describe_kind(kind, int(flag.sum()), name_series(panel, series[flag]), needs=needs))
    remarks += _describe_ends(panel, forecast) + describe_covariates(panel, forecast)
    # that sales are not forecast to be negative is no news
    remarks += describe_bounded(forecast.clipped_off_zero)
    if len(forecast.failed):
        remarks.append(describe_kind("failed", len(forecast.failed), name_series(panel, forecast.failed)))
    return remarks


def describe_support(columns: Mapping[str, float], *, levels: tuple[float, ...]) -> str:
    """How many equal values each of `columns` needs at the least, where the model knows `levels`."""
    needed: dict[str, int] = {}
    known = sorted({round(abs(2 * level - 1), 9) for level in levels})
    for name, level in columns.items():
        kind, _, asked = name.rpartition("-")
        claimed = next((one for one in known if one >= abs(2 * level - 1) - 1e-9), known[-1])
        if claimed:
            label = f"quantile {level:g}" if kind.endswith("-q") else f"{asked}%"
            needed[label] = math.ceil(round((1 + claimed) / (1 - claimed), 6))
    words = [f"{label} needs {count:,}" for label, count in sorted(needed.items(), key=lambda pair: pair[1])]
    words = words if len(words) <= MOST_NAMES else [words[0], "…", words[-1]]
    return ", ".join([f"{words[0]} equal values", *words[1:]]) if words else ""


def describe_kind(
    kind: str, count: int, names: str, *, horizon: int = 0, is_left_out: bool = True, needs: str = ""
) -> str:
    """A line on so many series of one `kind`, with the `names` of the first; whether those that ended are left out.

    `needs` is what intervals need, see `describe_support`.
    """
    ends, goes, are, their = ("ends", "goes", "is", "its") if count == 1 else ("end", "go", "are", "their")
    changes, value, have = ("changes", "value", "has") if count == 1 else ("change", "values", "have")
    what = "left out (or --ended forecast)" if is_left_out else f"forecast from {their} own end"
    words = {
        "constant": f"that never {changes}, forecast by {their} {value}",
        "unsupported": f"that never {changes} {have} intervals left empty: {needs}",
        "short": "with fewer than 3 values, whose forecasts are not to be trusted",
        "count": "of small counts, forecast in whole numbers (or --allow-fractions)",
        "lacks_year": "forecast more than a year after the training, where the model does not know what all series do "
        "at the same time of each year (train again)",
        "uncorrected": "forecast without the correction of errors that the model has learned, which is for series like "
        "those it was trained on, with as long a past, and for forecasts that begin at the same time of day",
        "behind": f"{ends} before the others and {are} forecast for the same steps as the others (or --origin own)",
        "ended": f"ended more than {count_things(horizon, 'step')} before the others and {are} {what}",
        "beyond": f"{goes} on long after most others end, and {are} forecast from {their} own end (or --origin latest)",
        "failed": "without a value to forecast from",
    }
    return f"{count:,} series {words[kind]}{': ' if names else ''}{names}."


def describe_bounded(count: int) -> list[str]:
    """A line on so many forecasts that a bound other than zero has changed, if any."""
    return [f"{count_things(count, 'forecast')} moved to a bound, or their interval was."] if count else []


def describe_mean(factor: float) -> list[str]:
    """A line on the `factor` by which the mean is corrected, where it is."""
    factor = round(factor, 3)
    if factor == 1:
        return []
    low = "low" if factor > 1 else "high"
    return [
        f"The mean of what is never negative is multiplied by {factor:g}: at earlier cutoffs totals were too {low}."
    ]


def _describe_ends(panel: Panel, forecast: Forecast) -> list[str]:
    """Lines on series that do not end together."""
    origins, remarks = forecast.origins, []
    if origins is None:
        return []
    if origins.is_scattered:
        remarks.append(SCATTERED)
    is_left_out = not np.isin(origins.ended, origins.index.series).any()
    horizon = forecast.quantiles.shape[1]
    for kind, numbers in (("behind", origins.behind), ("ended", origins.ended), ("beyond", origins.beyond)):
        if len(numbers):
            names = name_series(panel, numbers)
            remarks.append(describe_kind(kind, len(numbers), names, horizon=horizon, is_left_out=is_left_out))
    return remarks
