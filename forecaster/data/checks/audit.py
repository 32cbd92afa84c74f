"""Everything that is found about data that was read: findings with examples."""

from typing import Literal

import numpy as np

from forecaster.data.checks.coarse_series import find_coarse_series
from forecaster.data.checks.findings import EXAMPLES, KINDS, Finding
from forecaster.data.checks.last_step import find_incomplete
from forecaster.data.checks.leaks import list_near_copies
from forecaster.data.checks.series_checks import check_series, count_closed_phases
from forecaster.data.checks.value_checks import Hits, check_covariates, check_values
from forecaster.data.grids.grid import ReadSummary
from forecaster.data.panel import Panel
from forecaster.data.problems import list_alike
from forecaster.data.times.dates import format_times

__all__ = ["audit"]

ALONE = "Leave the rows without a value out (and --freq, if given), and only steps that have one are forecast."
"""What to do with the only series, if it has values at every second or third step."""
MOST_MARKS = 5
"""Marks for missing values that a finding names."""


def audit(panel: Panel, summary: ReadSummary) -> tuple[Finding, ...]:
    """All findings, those that matter most first."""
    hits = check_series(panel) | check_values(panel)
    if len((coarse := find_coarse_series(panel))[0]):
        hits["W106"] = coarse
    if len(incomplete := find_incomplete(panel)):
        hits["W306"] = (incomplete, panel.lengths[incomplete] - 1)
    found = [_make(code, series_and_steps, panel=panel) for code, series_and_steps in hits.items()]
    keys = len(panel) // max(1, len(summary.columns.targets))
    found += _check_covariates(panel, "W301", keys=keys) + _check_covariates(panel, "W307", keys=keys)
    near = list_near_copies(panel, columns=summary.columns)
    if near:
        found.append(Finding("W308", len(near), tuple(near[:EXAMPLES]), KINDS["W308"].action))
    alike = list_alike(panel.ids)
    if alike:
        pairs = tuple(" and ".join(repr(panel.label(one)) for one in sorted(pair)) for pair in alike[:EXAMPLES])
        found.append(Finding("W209", len(alike), pairs, KINDS["W209"].action))
    closed = count_closed_phases(panel)
    if closed:
        found.append(Finding("W105", len(closed), tuple(closed[:EXAMPLES]), KINDS["W105"].action))
    marked = () if panel.covariates is None else panel.covariates.marked
    if marked:
        examples = tuple(map(repr, marked[:EXAMPLES]))
        found.append(Finding("N404", len(marked), examples, KINDS["N404"].action))
    counts = {
        "N101": summary.missing_rows,
        "N102": summary.merged_rows,
        "N103": summary.missing_values,
        "N104": summary.trailing_rows,
    }
    found += [Finding(code, count, (), KINDS[code].action) for code, count in counts.items() if count]
    order = ("error", "warning", "note")
    return tuple(sorted(found, key=lambda finding: (order.index(finding.severity), finding.code)))


def _check_covariates(panel: Panel, code: Literal["W301", "W307"], *, keys: int) -> list[Finding]:
    """What is found of columns that hold marks, or whose level changes as if they had another unit from then on."""
    covariates, examples, count, marks = panel.covariates, list[str](), 0, set[float]()
    for column, (series, steps) in check_covariates(panel, code=code, keys=keys).items():
        assert covariates is not None
        count += len(series)
        values = covariates.take(series, steps)[:, covariates.names.index(column)]
        marks |= {*values.tolist()}
        shown = (part[:EXAMPLES].tolist() for part in (series, steps, values))
        examples += [
            f"{column}, {_show(panel, number, step)}: {value:g}" for number, step, value in zip(*shown, strict=True)
        ]
    action = _name_marks(sorted(marks)) if code == "W301" else KINDS[code].action
    return [Finding(code, count, tuple(examples[:EXAMPLES]), action)] if count else []


def _name_marks(marks: list[float]) -> str:
    return f"If no value was meant, use {' '.join(f'--missing {mark:.10g}' for mark in marks[:MOST_MARKS])}."


def _show(panel: Panel, number: int, step: int) -> str:
    """The series and the time of a step."""
    moment = panel.calendar.advance(panel.starts[number : number + 1], np.array([step]))
    time = format_times(moment, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock)[0]
    return f"{panel.label(number)}, {time}"


def _make(code: str, hits: Hits, *, panel: Panel) -> Finding:
    series, steps = hits
    action = KINDS[code].action
    if code == "W301":
        action = _name_marks(np.unique(panel.values[panel.offsets[series] + steps]).tolist())
    elif code == "W106" and len(panel) == 1:
        action = ALONE
    examples = []
    for number, step in zip(series[:EXAMPLES].tolist(), steps[:EXAMPLES].tolist(), strict=True):
        words = panel.label(number)
        if step >= 0:
            words = f"{_show(panel, number, step)}: {panel.values[panel.offsets[number] + step]:g}"
        examples.append(words)
    return Finding(code, len(series), tuple(examples), action)
