"""Join what the parts of an input show: one survey of all."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

import numpy as np

from forecaster.data.checks.findings import EXAMPLES, Finding
from forecaster.errors import DataError
from forecaster.scale.shown_columns import join_columns
from forecaster.scale.survey import Survey

__all__ = ["join_surveys", "merge_notes"]


def join_surveys(surveys: Iterable[Survey], *, name: str) -> Survey:
    """What all parts show together. Raises DataError where they do not agree on the calendar or the style of times."""
    joined = list(surveys)
    first = joined[0]
    for other in joined[1:]:
        if other.calendar != first.calendar:
            names = (f"{first.calendar.name} and {other.calendar.name}",)
            raise DataError(
                f"{name}: its parts show different steps ({names[0]}), so that the step of the whole is not known. "
                "Name it with --freq (such as D, B, W, MS or h), or leave --max-memory out."
            )
        if other.time_style != first.time_style:
            raise DataError(
                f"{name}: its parts show different forms of times ({first.time_style.format} and "
                f"{other.time_style.format}), so that the form of the whole is not known. Name it with --date-format, "
                "or leave --max-memory out."
            )
    decimals = [survey.decimals for survey in joined]
    known = [number for number in decimals if number is not None]
    return replace(
        first,
        decimals=max(known) if len(known) == len(decimals) else None,
        lengths=np.concatenate([survey.lengths for survey in joined]),
        starts=np.concatenate([survey.starts for survey in joined]),
        times=reduce(np.union1d, [survey.times for survey in joined]),
        grid=reduce(np.union1d, [survey.grid for survey in joined]),
        counts=sum((survey.counts for survey in joined), Counter()),
        findings=_join_findings(joined),
        notes=merge_notes(note for survey in joined for note in survey.notes),
        covariates=join_columns((survey.covariates for survey in joined), name=name),
        attributes=join_columns((survey.attributes for survey in joined), name=name),
    )


def merge_notes(notes: Iterable[str], *, end_with_names: bool = False) -> tuple[str, ...]:
    """Each note once; of those that differ only in numbers, which are of one part each, the first.

    The same for those that `end_with_names` of series after a colon.
    """
    alike: dict[str, list[str]] = {}
    for note in dict.fromkeys(notes):
        text = note.rpartition(": ")[0] if end_with_names else note
        alike.setdefault(re.sub(r"\d[\d,.]*", "", text), []).append(note)
    return tuple(f"{found[0]} (in one part)" if len(found) > 1 else found[0] for found in alike.values())


def _join_findings(surveys: list[Survey]) -> tuple[Finding, ...]:
    found: dict[str, Finding] = {}
    for finding in (finding for survey in surveys for finding in survey.findings):
        before = found.get(finding.code)
        if before is not None:
            examples = (*before.examples, *finding.examples)[:EXAMPLES]
            finding = replace(before, count=before.count + finding.count, examples=examples)
        found[finding.code] = finding
    order = ("error", "warning", "note")
    return tuple(sorted(found.values(), key=lambda one: (order.index(one.severity), one.code)))
