"""Read the data of a night, with what the last good run and the clock of the data say about them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from forecaster.data.read_options import ReadOptions
from forecaster.data.times.offsets import find_timezone
from forecaster.errors import NoOffsetError
from forecaster.library.inputs import Given
from forecaster.library.model import Model
from forecaster.nightly.plan import NightPlan
from forecaster.nightly.record import PastRun
from forecaster.nightly.remembered_ids import explain_ids, recall_ids, refuse_other_ids

__all__ = ["NightInput", "read_night", "read_with_clock"]


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

    def read(options: ReadOptions) -> Given:
        names, is_remembered = current.find_data(plan.data), not plan.data
        return current.read(
            names, reading=options, future=plan.future, is_remembered=is_remembered, on_remark=on_remark
        )

    with explain_ids(ids):
        found = read_with_clock(read, replace(plan.reading, ids=ids or plan.reading.ids))
    refuse_other_ids(found.given, reading=plan.reading, past=past)
    return found


def read_with_clock(read: Callable[[ReadOptions], Given], reading: ReadOptions) -> NightInput:
    """What `read` gives; for times without an offset, `--timezone` is the clock that they are of, and changes no value.

    Raises what `read` raises, and UsageError where there is no such zone.
    """
    try:
        return NightInput(read(reading), reading)
    except NoOffsetError:
        clock = find_timezone(np.zeros(1, "timedelta64[us]"), reading.timezone)
        plain = replace(reading, timezone=None)
        given = read(plain)
        if given.panel.starts.dtype.kind != "M":
            raise  # numbers are of no zone
        return NightInput(given, plain, clock)
