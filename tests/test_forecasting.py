"""From a network's output to forecasts: bounds, flags, levels."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.calendar import HOUR, Calendar
from forecaster.encoding.encoding import Encoding
from forecaster.errors import ConfigurationError, DataError, UsageError
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.calibration import Calibration
from forecaster.forecasting.forecaster import Forecaster, divide_windows
from forecaster.forecasting.opening import check_calendar, open_base, open_forecaster
from forecaster.forecasting.quantiles import check_columns, interpolate_levels
from forecaster.forecasting.writing import columns_for
from forecaster.windows import cut_truth, describe_history
from tests.test_windows import make_panel

NAN = float("nan")
ROUNDING = 1e-12
LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
IN_UNITS = np.array([-4.0, -1.0, 0.5, 1.0, 2.0], np.float32)
UNEVEN = [3.0, 5.0, 4.0, 1.0, 2.0, 6.0, 5.0, 3.0]


def run_fixed(inputs: NDArray[np.float32], bases: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same quantiles, in units, for every window and step."""
    return np.broadcast_to(IN_UNITS, (len(inputs), bases.shape[2], len(LEVELS)))


def make_forecaster(*, calibration: Calibration | None = None) -> Forecaster:
    return Forecaster(run_fixed, encoding=Encoding(6, (1,)), levels=LEVELS, horizon=2, calibration=calibration)


def test_quantiles_are_the_level_and_units_above_it() -> None:
    forecast = make_forecaster().forecast(make_panel(UNEVEN), horizon=3)
    # without a season the level is the last value; seven steps of past are looked at
    unit = np.abs(np.diff(UNEVEN[-7:])).mean()
    np.testing.assert_allclose(forecast.quantiles[0], np.tile(3.0 + unit * IN_UNITS.clip(-3 / unit), (3, 1)))
    np.testing.assert_array_equal(forecast.median, forecast.quantiles[:, :, 2])


def test_the_truth_is_nothing_to_forecast_from() -> None:
    panel = make_panel(UNEVEN)
    y_true = cut_truth(panel, index=WindowIndex(np.zeros(1, np.int64), np.array([4])), horizon=2)
    history, is_corrected = describe_history(panel, WindowIndex.none()), np.zeros(1, bool)
    # mypy refuses it: without an error to ignore it would complain of this comment
    with pytest.raises(AttributeError):
        make_forecaster().forecast_windows(y_true, history, horizon=2, is_corrected=is_corrected)  # type: ignore[arg-type]


def test_calibration_scales_the_half_widths_around_the_median() -> None:
    bounds = Bounds(allow_negative=True)
    own = make_forecaster().forecast(make_panel(UNEVEN), bounds=bounds).quantiles
    calibration = Calibration([0, 1], [[2.0, 2.0], [3.0, 3.0]], [9, 9], [])
    found = make_forecaster(calibration=calibration).forecast(make_panel(UNEVEN), bounds=bounds).quantiles
    factors = np.array([2.0, 3.0])[:, None]
    np.testing.assert_allclose(found[0] - own[0, :, 2:3], factors * (own[0] - own[0, :, 2:3]))


def test_the_forecast_of_a_window_does_not_depend_on_the_batch_it_is_in(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = make_panel(UNEVEN, UNEVEN[:3], UNEVEN[2:])
    whole = make_forecaster().forecast(panel).quantiles
    monkeypatch.setattr("forecaster.forecasting.forecaster.count_windows", lambda _: 1)
    np.testing.assert_array_equal(make_forecaster().forecast(panel).quantiles, whole)


def test_batches_give_all_cores_as_much_to_do() -> None:
    for windows, most, cores, sizes in (
        (500, 101, 2, {80, 84}),  # not four of 101 and one of 96, for which one core would wait
        (174, 291, 2, {84, 90}),
        (50, 101, 2, {50}),  # a few are not worth a thread
        (90, 101, 1, {90}),
        (9, 1, 2, {1}),
        (0, 101, 2, set()),
    ):
        batches = divide_windows(windows, most=most, cores=cores)
        assert {batch.stop - batch.start for batch in batches} == sizes
        assert [number for batch in batches for number in range(batch.start, batch.stop)] == [*range(windows)]
        assert windows < 64 or len(batches) % cores == 0
        # the network rounds by the place among four windows
        assert most == 1 or not any(batch.start % 4 for batch in batches)


def test_series_are_flagged_by_what_their_history_holds() -> None:
    panel = make_panel(UNEVEN, [], [7.0], [NAN, NAN], [0.1, 0.1, NAN, 0.1], [2.0, 3.0], [NAN, 7.0, NAN])
    forecast = make_forecaster().forecast(panel)
    assert forecast.index.series.tolist() == [0, 2, 3, 4, 5, 6]
    assert forecast.failed.tolist() == [1, 3]
    assert forecast.is_constant.tolist() == [False, False, False, True, False, False]
    assert forecast.is_short.tolist() == [False, True, True, False, True, True]
    # one value is forecast without an interval, none not at all, three equal ones with the narrow interval alone
    is_known = ~np.isnan(forecast.quantiles[:, 0])
    assert is_known.sum(axis=1).tolist() == [5, 1, 0, 3, 5, 1]
    assert forecast.lacks_support({"forecast-lo-80": 0.1, "forecast-hi-80": 0.9}).tolist() == [
        False,
        False,
        False,
        True,
        False,
        False,
    ]
    np.testing.assert_array_equal(forecast.median[[1, 5]], 7.0)
    np.testing.assert_array_equal(forecast.quantiles[3, :, 1:4], 0.1)


def test_a_past_that_stands_still_or_shows_nothing_is_told_by_what_came_before() -> None:
    still = [*UNEVEN, *[4.0] * 9]
    blank = [*UNEVEN, *[NAN] * 9]
    assert Encoding(6, (1,)).recent_length < 9
    forecast = make_forecaster().forecast(make_panel(still, blank), bounds=Bounds(allow_fractions=True))
    assert not forecast.is_constant.any()
    assert not forecast.is_short.any()
    assert not len(forecast.failed)
    change = np.abs(np.diff(UNEVEN))
    moves = np.append(change, [1.0, *[0.0] * 8]).mean(), change.mean()
    for row, (level, unit) in enumerate(zip([4.0, 3.0], moves, strict=True)):
        expected = np.maximum(level + unit * IN_UNITS, 0.0)
        np.testing.assert_allclose(forecast.quantiles[row, 0], expected, rtol=1e-6)


def test_bounds_that_are_none_are_refused() -> None:
    for lowest, highest in ((NAN, None), (None, float("inf")), (2.0, 1.0)):
        with pytest.raises(UsageError, match=r"--min|--max"):
            Bounds(lowest, highest)


def test_what_was_never_negative_stays_so_and_is_counted() -> None:
    panel = make_panel(UNEVEN, [-1.0, *UNEVEN], [50 + value for value in UNEVEN])
    forecast = make_forecaster().forecast(panel)
    assert (forecast.quantiles[0, :, 0] == 0).all()
    assert (forecast.quantiles[1, :, 0] < 0).all()
    assert (forecast.quantiles[2] > 0).all()
    assert forecast.clipped == 2
    free = make_forecaster().forecast(panel, bounds=Bounds(allow_negative=True))
    assert (free.quantiles[:2, :, 0] < 0).all()
    assert free.clipped == 0


def test_counts_with_zeros_have_no_negative_forecast() -> None:
    counts = [0.0, 2.0, 0.0, 0.0, 3.0, 0.0, 1.0, 0.0]
    free = make_forecaster().forecast(make_panel(counts), bounds=Bounds(allow_negative=True)).quantiles
    found = make_forecaster().forecast(make_panel(counts)).quantiles
    assert (free[0, :, 0] < 0).all()
    assert (found >= 0).all()
    assert (found == np.round(found)).all()


def test_a_negative_value_before_all_that_the_network_sees_counts_as_well() -> None:
    panel = make_panel([-1.0, *UNEVEN, *UNEVEN[::-1], *UNEVEN])
    assert Encoding(6, (1,)).recent_length < panel.lengths[0]
    assert (make_forecaster().forecast(panel).quantiles[0, :, 0] < 0).all()


@pytest.mark.parametrize("allow", [{}, {"allow_negative": True}, {"allow_fractions": True}], ids=str)
@pytest.mark.parametrize(
    ("lowest", "highest"),
    [(None, -1.0), (None, 0.0), (None, 0.4), (0.0, 0.0), (-2.0, -1.0), (0.2, 0.4), (5.0, None), (-3.0, None)],
)
def test_bounds_hold_for_rare_demand_and_quantiles_stay_in_order(
    lowest: float | None, highest: float | None, allow: dict[str, bool]
) -> None:
    generator = np.random.default_rng(1)
    counts = generator.poisson(0.3, (2, 120)).astype(float)
    panel = make_panel(counts[0], 2.5 * counts[1], generator.poisson(3, 120).astype(float))
    bounds = Bounds(lowest, highest, **allow)
    columns = {f"forecast-q-{number}": number / 100 for number in range(1, 100)}
    for forecaster in (open_base(panel), make_forecaster()):
        forecast = forecaster.forecast(panel, horizon=5, bounds=bounds)
        levels = {name: level for name, level in columns.items() if forecast.levels[0] <= level <= forecast.levels[-1]}
        found = forecast.at_levels(levels)
        assert (np.diff(found, axis=2) >= -ROUNDING).all()
        for values in (found, forecast.mean):
            assert lowest is None or values.min() >= lowest - ROUNDING
            assert highest is None or values.max() <= highest + ROUNDING


def test_bounds_hold_for_every_quantile_and_the_failed_are_not_counted() -> None:
    panel = make_panel(UNEVEN, [NAN, NAN], [-value for value in UNEVEN])
    forecast = make_forecaster().forecast(panel, bounds=Bounds(lowest=2.5, highest=3.5))
    assert np.nanmin(forecast.quantiles) == 2.5
    assert np.nanmax(forecast.quantiles) == 3.5
    assert np.isnan(forecast.quantiles[1]).all()
    assert forecast.clipped == 4


def test_known_levels_are_exact_and_others_lie_on_the_line_between() -> None:
    quantiles = np.random.default_rng(0).normal(size=(3, 4, len(LEVELS))).cumsum(axis=2)
    exact = interpolate_levels(quantiles, levels=LEVELS, wanted=[*LEVELS[::-1], round((1 + 0.8) / 2, 9)])
    np.testing.assert_array_equal(exact, quantiles[:, :, [4, 3, 2, 1, 0, 4]])
    between = interpolate_levels(quantiles, levels=LEVELS, wanted=[0.15, 0.85])
    np.testing.assert_allclose(between[:, :, 0], 0.75 * quantiles[:, :, 0] + 0.25 * quantiles[:, :, 1])
    np.testing.assert_allclose(between[:, :, 1], 0.25 * quantiles[:, :, 3] + 0.75 * quantiles[:, :, 4])


@pytest.mark.parametrize(
    ("levels", "quantiles", "words"),
    [
        ([80, 90], [], r"^--level 90: the model knows levels up to 80 only\."),
        ([80], [0.05, 0.95], r"^--quantiles 0\.05: the model knows those from 0\.1 to 0\.9 only\."),
        ([], [0.9, 0.95], r"^--quantiles 0\.95: "),
    ],
)
def test_levels_outside_of_what_is_known_are_refused(levels: list[float], quantiles: list[float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check_columns(columns_for(levels, quantiles=quantiles), levels=LEVELS)


def test_a_trained_folder_opens_as_the_forecaster_that_its_card_describes(trained: Path) -> None:
    forecaster, card = open_forecaster(trained / "model")
    assert forecaster.horizon == card.horizon == 6
    assert (forecaster.encoding.context_length, forecaster.encoding.periods) == (24, (12,))
    for name in ("roots", "climatology", "days", "own_seasons", "smooth_growth", "steady_cycles"):
        assert not getattr(forecaster.encoding, f"has_{name}")
    hourly = make_panel(UNEVEN, calendar=Calendar("microsecond", HOUR))
    with pytest.raises(DataError, match="its steps are hourly, but the model learned monthly ones"):
        check_calendar(hourly, card=card, name="data.csv")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quantile_levels", [0.1, 0.9]),
        ("quantile_levels", [0.1, 0.2, 0.5]),
        ("quantile_levels", [0.9, 0.5, 0.1]),
        ("quantile_levels", []),
        ("calibration", {"edges": [0], "factors": [[1.0]], "residuals": [9], "uncalibrated": []}),
        ("calibration", {"edges": [0], "factors": "wide", "residuals": [9], "uncalibrated": []}),
        ("encoding", {}),
    ],
)
def test_a_card_that_does_not_hold_together_is_refused(trained: Path, name: str, value: object) -> None:
    folder = Path("broken")
    shutil.copytree(trained / "model", folder)
    content = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**content, name: value}))
    with pytest.raises(ConfigurationError, match="Train again"):
        open_forecaster(folder)
