"""Read the data of a night, with what the last good run and the clock of the data say about them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from forecaster.data.offsets import find_timezone
from forecaster.data.read_options import ReadOptions
from forecaster.errors import NoOffsetError
from forecaster.library.inputs import Given
from forecaster.library.model import Model
from forecaster.nightly.plan import NightPlan
from forecaster.nightly.record import PastRun
from forecaster.nightly.remembered_ids import explain_ids, recall_ids, refuse_other_ids

__all__ = ["NightInput", "read_night"]


@dataclass(frozen=True)
class NightInput:
    """The data of a night, and the options that they were `read_with`.

    `clock` is the zone that was given for times without an offset, which such times do not show.
    """

    given: Given
    read_with: ReadOptions
    clock: str | None = None


def read_night(
    plan: NightPlan, *, current: Model, past: PastRun | None, on_remark: Callable[[str], None]
) -> NightInput:
    """Read the data of `plan` as the `current` model does, with the id columns of the `past` run.

    Raises what reading raises, and DataError where there are other id columns now.
    """
    ids = recall_ids(plan.reading, past=past)
    reading, clock = replace(plan.reading, ids=ids or plan.reading.ids), None

    def read(options: ReadOptions) -> Given:
        names, is_remembered = current.find_data(plan.data), not plan.data
        return current.read(
            names, reading=options, future=plan.future, is_remembered=is_remembered, on_remark=on_remark
        )

    with explain_ids(ids):
        try:
            given = read(reading)
        except NoOffsetError:
            clock = find_timezone(np.zeros(1, "timedelta64[us]"), reading.timezone)
            reading = replace(reading, timezone=None)
            given = read(reading)
            if given.panel.starts.dtype.kind != "M":
                raise  # numbers are of no zone
    refuse_other_ids(given, reading=plan.reading, past=past)
    return NightInput(given, reading, clock)
