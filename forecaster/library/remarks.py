"""Sentences for the user on data that was read, and on what was learned from it."""

import shlex
from typing import TYPE_CHECKING

import numpy as np

from forecaster.data.checks.findings import Finding
from forecaster.data.checks.repeating import find_repeating
from forecaster.data.covariates import CALENDAR, HOLIDAYS
from forecaster.data.grids.grid import ReadSummary
from forecaster.data.panel import Panel
from forecaster.encoding.attribute_codes import AttributeCode
from forecaster.forecasting.forecaster import Forecaster
from forecaster.library.wording import count_things, name_series
from forecaster.model.card import ModelCard
from forecaster.model.shared_year_card import SharedYearCard

if TYPE_CHECKING:
    from forecaster.evaluation.worth import Worth
    from forecaster.learning.sharing import Sharing

__all__ = [
    "describe_correction",
    "describe_findings",
    "describe_harm",
    "describe_input",
    "describe_shared_year",
    "describe_sharing",
    "describe_static",
]

MOST_WARNINGS = 5
MOST_NAMES = 3


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
    return lines + [f"  {note}" for note in summary.notes] + _describe_season(panel)


def _describe_season(panel: Panel) -> list[str]:
    """A line on values that repeat after some steps, where these have no calendar that tells it."""
    if panel.calendar.unit != "integer":
        return []
    season = find_repeating(panel)
    if season is None:
        return []
    return [f"  values repeat about every {season} steps: --season {season} makes it the season of all of them"]


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
