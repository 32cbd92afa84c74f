"""Long work is divided so that it ends soon after its time is over, however long one window takes."""

import pytest

from forecaster.evaluation import pace
from forecaster.evaluation.pace import Pace


class Clock:
    """A clock that only work moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("seconds_each", [0.001, 0.4, 3.0, 25.0, 200.0])
@pytest.mark.parametrize("batches", [[207], [1500, 1500], [3, 2, 1]])
def test_no_part_takes_much_longer_than_what_is_left(
    monkeypatch: pytest.MonkeyPatch, seconds_each: float, batches: list[int]
) -> None:
    clock = Clock()
    monkeypatch.setattr(pace, "monotonic", clock)
    work, done = Pace(300.0, clock()), 0
    for count in batches:
        for part in work.divide(count):
            if work.is_over:
                break
            clock.now += seconds_each * (part.stop - part.start)
            done += part.stop - part.start
    # the first part is begun without knowing how long it takes
    assert clock() - 100.0 <= max(300.0 + seconds_each, 4 * seconds_each)
    assert done == sum(batches) or clock() - 100.0 >= 300.0 - seconds_each


def test_without_a_limit_all_windows_are_divided_once() -> None:
    work = Pace(None)
    parts = [[*work.divide(count)] for count in (1300, 0, 7)]
    for count, found in zip((1300, 0, 7), parts, strict=True):
        assert [place for part in found for place in range(part.start, part.stop)] == [*range(count)]
    assert max(part.stop - part.start for found in parts for part in found) == pace.MOST
    assert not work.is_over
