"""Find how many steps before the target a column may hold it, among many, to be compared there with all steps."""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.data.checks.column_checks import LONGEST_SHIFT

__all__ = ["LONGEST_LEAD", "limit_lead", "list_far_leads"]

LONGEST_LEAD = 52
"""As far as effects that come later are looked for: what holds the target so many steps before it would be found."""
SERIES_PER_LEAD = 3
"""Steps of the usual series for each step of a lead."""
PAIRS, FEWEST_PAIRS = 200, 24
"""Pairs of steps that show whether columns rise together, and those of which both must be known, and differ."""
TOGETHER = 0.85
"""Share of these pairs in which a copy, or a function of the target, rises with it, or falls, whatever its gaps."""
MOST_LEADS = 4


def limit_lead(lengths: NDArray[np.int64]) -> int:
    """The longest lead that is looked for in series of these `lengths`, in steps."""
    return int(np.clip(np.median(lengths) // SERIES_PER_LEAD, LONGEST_SHIFT, LONGEST_LEAD))


def list_far_leads(own: Array, others: Array, *, longest: int) -> list[list[int]]:
    """The leads beyond LONGEST_SHIFT, up to the `longest`, at which each of the `others` may follow from the target.

    None where it follows as well from the same step or an earlier one, as columns do that are as regular as the target.
    """
    known = np.flatnonzero(~np.isnan(own[1:]) & ~np.isnan(own[:-1]))
    if longest <= LONGEST_SHIFT or not len(known):
        return [[] for _ in others]
    # steps of the target, so that each lead has the same ones
    first = known[np.linspace(0, len(known) - 1, min(PAIRS, len(known))).astype(np.int64)]
    moves = np.sign(own[first + 1] - own[first])
    leads = np.arange(-longest, longest + 1)
    places = first - leads[:, None]
    is_inside = (places >= 0) & (places + 1 < own.size)
    places = np.clip(places, 0, own.size - 2)
    found = []
    for column in others:
        # [lead, pair]
        others_moves = np.where(is_inside, np.sign(column[places + 1] - column[places]), np.nan)
        together = np.nan_to_num(others_moves) * moves
        count = np.count_nonzero(together, axis=1)
        share = np.where(count >= FEWEST_PAIRS, np.abs(together.sum(axis=1)) / np.maximum(count, 1), 0.0)
        share = (1 + share) / 2
        is_later = leads > LONGEST_SHIFT
        least = max(TOGETHER, float(share[leads <= 0].max()))
        likely = leads[is_later & (share > least)]
        found.append([int(lead) for lead in sorted(likely, key=lambda lead: -share[lead + longest])[:MOST_LEADS]])
    return found
