"""Windows of past and future values, compared with slow loops; no future value is in a past."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from forecaster import windows
from forecaster.cutoffs import WindowIndex, end_of_history, index_training_windows, roll_cutoffs
from forecaster.data.calendar import DAY, HOUR, Calendar
from forecaster.data.panel import Panel
from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.windows import (
    History,
    count_changes,
    cut_truth,
    cut_windows,
    describe_history,
    iterate_windows,
    keep_until,
)

NAN = float("nan")
DAILY = Calendar("microsecond", DAY)


def make_panel(
    *series: list[float] | NDArray[np.float64], calendar: Calendar = DAILY, start: str = "2015-01-05"
) -> Panel:
    """A panel of series that all begin at `start`; empty ones have no start."""
    lengths = [len(values) for values in series]
    starts: NDArray[Any] = np.array([start if length else "NaT" for length in lengths], "datetime64[us]")
    if calendar.unit == "integer":
        starts = np.full(len(series), int(start))
    return Panel(
        values=np.concatenate([np.asarray(values, float) for values in series]),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        starts=starts,
        ids=[(f"s{number}",) for number in range(len(series))],
        calendar=calendar,
    )


def make_gappy(*, lengths: tuple[int, ...] = (5, 0, 1, 30, 12), seed: int = 0) -> Panel:
    """Random series of these lengths, a fifth of the values missing."""
    generator = np.random.default_rng(seed)
    parts = [generator.normal(size=length) for length in lengths]
    return make_panel(*(np.where(generator.random(len(part)) < 0.2, NAN, part) for part in parts))


def every_cutoff(panel: Panel, *, held_out: int = 0) -> WindowIndex:
    """Every cutoff from 1 up to the steps that are held out."""
    pairs = [
        (series, cutoff)
        for series, length in enumerate(panel.lengths.tolist())
        for cutoff in range(1, length - held_out + 1)
    ]
    series, cutoffs = np.array(pairs, np.int64).T
    return WindowIndex(series, cutoffs)


def as_pairs(index: WindowIndex) -> list[tuple[int, int]]:
    return list(zip(index.series.tolist(), index.cutoffs.tolist(), strict=True))


@pytest.mark.parametrize("past_length", [1, 4, 40])
@pytest.mark.parametrize("horizon", [0, 3, 50])
@pytest.mark.parametrize("held_out", [0, 2])
def test_windows_are_cut_as_a_loop_cuts_them(past_length: int, horizon: int, held_out: int) -> None:
    panel = make_gappy()
    index = every_cutoff(panel, held_out=held_out)
    windows = cut_windows(panel, index=index, past_length=past_length)
    y_true = cut_truth(panel, index=index, horizon=horizon, held_out=held_out)
    assert windows.past.shape == (len(index), past_length)
    assert y_true.shape == (len(index), horizon)
    for window, (number, cutoff) in enumerate(as_pairs(index)):
        values = panel.values[panel.offsets[number] : panel.offsets[number + 1]].tolist()
        past, after = [], []
        for step in range(cutoff - past_length, cutoff):
            past.append(values[step] if step >= 0 else NAN)
        for step in range(cutoff, cutoff + horizon):
            after.append(values[step] if step < len(values) - held_out else NAN)
        np.testing.assert_array_equal(windows.past[window], past)
        np.testing.assert_array_equal(y_true[window], after)
        assert windows.lengths[window] == min(cutoff, past_length)


def test_no_value_after_the_cutoff_changes_a_past() -> None:
    panel = make_gappy()
    for number, cutoff in as_pairs(every_cutoff(panel)):
        window = WindowIndex(np.array([number]), np.array([cutoff]))
        before = cut_windows(panel, index=window, past_length=20)
        for other in (1e300, NAN):
            values = panel.values.copy()
            # the series after this one as well as its own future
            values[panel.offsets[number] + cutoff :] = other
            values[: panel.offsets[number]] = other
            after = cut_windows(replace(panel, values=values), index=window, past_length=20)
            np.testing.assert_array_equal(after.past, before.past)
            np.testing.assert_array_equal(after.lengths, before.lengths)


@pytest.mark.parametrize("encoding", [Encoding(10, (4,)), Encoding(8, (3, 6)), Encoding(8, (3, 7))])
def test_no_value_after_the_cutoff_changes_what_is_encoded(encoding: Encoding) -> None:
    panel = make_gappy(lengths=(30, 9, 16))
    for number, cutoff in ((0, 17), (0, 29), (1, 4), (2, 3), (2, 15)):
        window = WindowIndex(np.array([number]), np.array([cutoff]))
        begin = int(panel.offsets[number]) + cutoff
        assert np.isfinite(panel.values[begin:]).any()
        both = []
        for values in (panel.values, np.append(panel.values[:begin], np.full(len(panel.values) - begin, 1e9))):
            altered = replace(panel, values=values)
            windows = cut_windows(altered, index=window, past_length=encoding.past_length)
            both.append(encode(windows, encoding=encoding, horizon=5))
        np.testing.assert_array_equal(both[0].inputs, both[1].inputs)
        np.testing.assert_array_equal(both[0].candidates, both[1].candidates)
        for name in vars(both[0].scales):
            np.testing.assert_array_equal(getattr(both[0].scales, name), getattr(both[1].scales, name))


def test_batches_are_the_windows_of_one_cut() -> None:
    panel = make_gappy()
    index = every_cutoff(panel)
    whole = cut_windows(panel, index=index, past_length=6)
    sizes = []
    for chosen, batch in iterate_windows(panel, index=index, past_length=6, batch_size=7):
        sizes.append(len(batch.past))
        np.testing.assert_array_equal(batch.past, whole.past[chosen])
        np.testing.assert_array_equal(batch.lengths, whole.lengths[chosen])
    assert sum(sizes) == len(index)
    assert max(sizes) == 7


def test_a_panel_without_any_step_has_no_windows() -> None:
    panel = make_panel([], [])
    assert len(end_of_history(panel)) == 0
    assert len(roll_cutoffs(panel, horizon=1, windows=2, step=1)) == 0
    assert len(index_training_windows(panel, held_out=0, min_past=1, recent=9)) == 0
    windows = cut_windows(panel, index=WindowIndex.none(), past_length=3)
    assert windows.past.shape == (0, 3)
    assert describe_history(panel, WindowIndex.none()).lowest.shape == (0,)


def test_the_end_of_history_leaves_out_empty_series() -> None:
    assert as_pairs(end_of_history(make_gappy())) == [(0, 5), (2, 1), (3, 30), (4, 12)]


@pytest.mark.parametrize(("horizon", "windows", "step"), [(1, 1, 1), (3, 4, 3), (4, 3, 1), (2, 3, 5), (40, 2, 1)])
@pytest.mark.parametrize("min_past", [1, 3])
def test_cutoffs_roll_as_a_loop_rolls_them(horizon: int, windows: int, step: int, min_past: int) -> None:
    panel = make_gappy()
    expected = []
    for back in reversed(range(windows)):
        for number, length in enumerate(panel.lengths.tolist()):
            cutoff = length - horizon - back * step
            if cutoff >= min_past:
                expected.append((number, cutoff))
    found = roll_cutoffs(panel, horizon=horizon, windows=windows, step=step, min_past=min_past)
    assert as_pairs(found) == expected
    # no memory is used for windows that do not exist, however many are asked for
    every = roll_cutoffs(panel, horizon=horizon, windows=10**12, step=step, min_past=min_past)
    assert set(expected) <= set(as_pairs(every))


@pytest.mark.parametrize("held_out", [0, 3, 12])
@pytest.mark.parametrize("min_past", [1, 4])
@pytest.mark.parametrize("recent", [1, 6, 100])
def test_training_windows_are_those_of_a_loop(held_out: int, min_past: int, recent: int) -> None:
    panel = make_gappy()
    expected = []
    for number, length in enumerate(panel.lengths.tolist()):
        # the first step after the cutoff must exist
        cutoffs = [cutoff for cutoff in range(length) if min_past <= cutoff < length - held_out]
        newest = [cutoff for cutoff in cutoffs if cutoff >= length - held_out - recent]
        expected += [(number, cutoff) for cutoff in newest]
    assert as_pairs(index_training_windows(panel, held_out=held_out, min_past=min_past, recent=recent)) == expected


def test_no_training_window_shows_a_held_out_value() -> None:
    secret = -777.0
    for held_out in (1, 5, 11):
        panel = make_gappy()
        for begin, end in zip(panel.offsets[:-1], panel.offsets[1:], strict=True):
            panel.values[max(begin, end - held_out) : end] = secret
        index = index_training_windows(panel, held_out=held_out, min_past=1, recent=100)
        y_true = cut_truth(panel, index=index, horizon=20, held_out=held_out)
        assert len(index)
        assert not (cut_windows(panel, index=index, past_length=40).past == secret).any()
        assert not (y_true == secret).any()


def test_history_is_all_of_the_past() -> None:
    panel = make_gappy(lengths=(5, 0, 1, 30, 12), seed=3)
    index = every_cutoff(panel)
    index = index[np.random.default_rng(0).permutation(len(index))]
    expected = []
    for number, cutoff in as_pairs(index):
        values = panel.values[panel.offsets[number] : panel.offsets[number] + cutoff].tolist()
        seen = [value for value in values if value == value]
        pairs = pairwise(values)
        changes = [abs(after - before) for before, after in pairs if before == before and after == after]
        mean_change = sum(changes) / max(len(changes), 1)
        infinity = float("inf")
        ends = (min(seen, default=infinity), max(seen, default=-infinity))
        expected.append((len(seen), *ends, seen[-1] if seen else NAN, mean_change, sum(seen) / max(len(seen), 1)))
    found = describe_history(panel, index)
    for column, values in zip(vars(found).values(), zip(*expected, strict=True), strict=True):
        np.testing.assert_allclose(column, values, rtol=1e-12)


def test_series_are_described_a_few_at_a_time_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = make_gappy(lengths=(5, 0, 1, 300, 12, 40, 0, 700, 60, 0), seed=4)
    index = every_cutoff(panel)
    index = index[np.random.default_rng(0).permutation(len(index))]
    monkeypatch.setattr(windows, "MOST_DESCRIBED", 10**9)
    history, changes = describe_history(panel, index), count_changes(panel, index)
    steps: list[int] = []

    def describe(some: Panel, own: WindowIndex) -> History:
        steps.append(len(some.values))
        return described(some, own)

    described = windows._describe_pasts
    monkeypatch.setattr(windows, "_describe_pasts", describe)
    monkeypatch.setattr(windows, "MOST_DESCRIBED", 50)
    found = describe_history(panel, index)
    for name, values in vars(history).items():
        np.testing.assert_array_equal(getattr(found, name), values)
    np.testing.assert_array_equal(count_changes(panel, index), changes)
    assert changes.max() > 50
    # no more than that, and the rest of a series
    assert max(steps) < 50 + 700
    assert len(steps) > 3


@pytest.mark.parametrize(
    ("calendar", "start", "until"),
    [
        (DAILY, "2015-01-05", "2015-01-09"),
        (Calendar("microsecond", 7 * DAY), "2015-01-05", "2015-01-25"),
        (Calendar("microsecond", HOUR), "2015-01-05T10:00", "2015-01-05T12:30"),
        (Calendar("month", 1), "2015-01-01", "2015-04-01"),
        (Calendar("month", 1), "2015-01-15", "2015-04-14"),
        (Calendar("month", 1, month_end=True), "2015-01-31", "2015-03-30"),
        (Calendar("month", 3), "2015-01-01", "2015-09-30"),
        (Calendar("business_day", 1), "2015-01-05", "2015-01-09"),
        (Calendar("business_day", 1), "2015-01-05", "2015-01-10"),
        (Calendar("business_day", 1), "2015-01-05", "2015-01-11"),
    ],
)
def test_nothing_after_the_until_timestamp_is_kept(calendar: Calendar, start: str, until: str) -> None:
    panel = make_panel(np.arange(9.0), [], np.arange(2.0), calendar=calendar, start=start)
    kept = keep_until(panel, until=np.datetime64(until, "us"))
    expected = []
    for number, length in enumerate(panel.lengths.tolist()):
        times = calendar.advance(panel.starts[number : number + 1], np.arange(length))
        expected.append(sum(bool(time <= np.datetime64(until, "us")) for time in times))
    assert 0 < expected[0] < 9
    assert kept.lengths.tolist() == expected
    np.testing.assert_array_equal(kept.values, np.concatenate([np.arange(float(count)) for count in expected]))


def test_nothing_is_kept_of_series_that_begin_later() -> None:
    kept = keep_until(make_panel([1.0, 2.0]), until=np.datetime64("2015-01-04", "us"))
    assert (len(kept), kept.lengths.tolist(), kept.values.tolist()) == (1, [0], [])
