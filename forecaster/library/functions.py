"""The commands as Python functions: `train`, `predict`, `evaluate`."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from forecaster.data.read_options import FutureFill, ReadOptions
from forecaster.errors import ConfigurationError
from forecaster.files import check_writable
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.end_options import EndOptions
from forecaster.forecasting.opening import make_forecaster
from forecaster.learning.plan import RunControl, TrainingPlan
from forecaster.library.covariate_remarks import describe_errors
from forecaster.library.inputs import Data, Future, Given, Remark, ignore, read_data, tell
from forecaster.library.model import Model
from forecaster.library.opening import open_model
from forecaster.library.remarks import describe_correction, describe_harm, describe_shared_year, describe_sharing
from forecaster.library.remembered import leave_out
from forecaster.library.scores import Scores
from forecaster.limits import check_kind
from forecaster.machine import count_usable_cpus, share_busy_cores
from forecaster.settings import DEFAULT_LEVELS

if TYPE_CHECKING:
    import pandas as pd

    from forecaster.evaluation.backtest import BacktestPlan
    from forecaster.evaluation.worth import Worth
    from forecaster.learning.loop import Progress

__all__ = ["evaluate", "explain_missing_torch", "learn", "predict", "train"]

ONE_TRAINING = Lock()
THREADED_IN: set[int] = set()
"""The process that has trained in several threads: its forks have this, too, but not the threads that torch awaits."""


def predict(  # noqa: PLR0913 - options of the library
    data: Data,
    *,
    horizon: int | None = None,
    model: Model | str | Path | None = None,
    level: Iterable[float] = DEFAULT_LEVELS,
    quantile_levels: Iterable[float] = (),
    mean: bool = False,
    seasons: tuple[int, ...] = (),
    bounds: Bounds | None = None,
    reading: ReadOptions | None = None,
    ends: EndOptions | None = None,
    future: Future = None,
    future_fill: FutureFill | None = None,
    on_remark: Remark | None = ignore,
) -> "pd.DataFrame":
    """Forecast every series in `data`: a frame, long or wide, or what `forecast predict` takes.

    The columns are the id and time columns of the data, with the types that they have there, then `forecast`,
    which is the median, and the ends of central intervals of `level` per cent, such as `forecast-lo-80`. With `mean`,
    there is a column `forecast-mean`, too, whose totals over series and steps add up.

    `horizon` is in steps of the series' calendar (default: one main season, or as the model was trained). `model` is
    a folder, or the result of `train` or `load` (default: the base model). `seasons` are in steps, `reading` overrides
    what is detected, `ends` is for series that do not end together, `on_remark` is called with sentences on what was
    detected. Series without a value are left out, with a sentence to `on_remark`; other data that cannot be forecast
    raise one of `forecaster.errors`.

    >>> import pandas as pd
    >>> import forecaster
    >>> frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=28), "y": [5, 5, 6, 6, 9, 1, 0] * 4})
    >>> forecaster.predict(frame, horizon=7)[["ds", "forecast"]].head(3).round({"forecast": 1})
              ds  forecast
    0 2024-01-29       5.0
    1 2024-01-30       5.0
    2 2024-01-31       6.0
    """
    opened = open_model(model)
    return opened.predict(
        data,
        horizon=horizon,
        level=level,
        quantile_levels=quantile_levels,
        mean=mean,
        seasons=seasons,
        bounds=bounds,
        reading=reading,
        ends=ends,
        future=future,
        future_fill=future_fill,
        on_remark=on_remark,
    )


def evaluate(  # noqa: PLR0913 - options of the library
    data: Data,
    *,
    model: Model | str | Path | None = None,
    plan: "BacktestPlan | None" = None,
    seasons: tuple[int, ...] = (),
    bounds: Bounds | None = None,
    reading: ReadOptions | None = None,
    on_remark: Remark | None = ignore,
) -> Scores:
    """Forecast from past cutoffs of `data`, and score the model next to simple baselines.

    >>> import forecaster
    >>> scores = forecaster.evaluate("sample_data/air_passengers.csv", plan=forecaster.BacktestPlan(horizon=12))
    >>> scores.overall.round(2).rename_axis(None).loc[["forecast", "SeasonalNaive"], ["MASE", "WQL"]]
                   MASE   WQL
    forecast       0.42  0.03
    SeasonalNaive  1.57  0.08
    >>> scores.best_baseline
    'SeasonalNaive'
    """
    opened = open_model(model)
    return opened.evaluate(data, plan=plan, seasons=seasons, bounds=bounds, reading=reading, on_remark=on_remark)


def train(
    data: Data,
    *,
    horizon: int | None = None,
    plan: TrainingPlan | None = None,
    reading: ReadOptions | None = None,
    control: "RunControl[Progress] | None" = None,
    on_remark: Remark | None = ignore,
) -> Model:
    """Learn from the series in `data`, starting from the base model; nothing is written before `Model.save`.

    `horizon` is in steps, and overrides that of the `plan`, which has all other settings. `control` reports the
    progress of a run, and can stop, save and resume it. What covariates are worth is in `Model.worth`; those that do
    harm are left out, unless the `plan` keeps them. Raises DataError where there is too little to learn from,
    ConfigurationError where torch is not installed.
    """
    check_kind("plan", plan, TrainingPlan)
    check_kind("control", control, RunControl)
    given = read_data(data, reading=reading, on_remark=on_remark)
    plan = plan or TrainingPlan()
    plan = plan if horizon is None else replace(plan, horizon=horizon)
    model = learn(given, plan=plan, reading=reading, control=control)
    tell(on_remark, [*model.remarks, *describe_harm(model.worth, left_out=model.left_out)])
    tell(on_remark, describe_sharing(model.sharing, unused_static=model.unused_static))
    card = model.trained_card
    tell(on_remark, [*describe_shared_year(card.shared_year), *describe_correction(card)])
    return model


def learn(
    given: Given,
    *,
    plan: TrainingPlan,
    reading: ReadOptions | None = None,
    control: "RunControl[Progress] | None" = None,
) -> Model:
    """Learn from data that was read by `reading`; see `train`.

    Raises ConfigurationError in the fork of a process that has learned in several threads, too.
    """
    _refuse_forks()
    if control is not None and control.path is not None:
        check_writable(control.path)
    share_busy_cores()
    panel = given.look_ahead(0)
    # torch takes a second to import, so it is imported only after the input was read without errors
    with explain_missing_torch():
        import torch  # noqa: PLC0415

        from forecaster.learning.fit import train as fit  # noqa: PLC0415
        from forecaster.learning.plan import DataSource  # noqa: PLC0415
    reading, columns = reading or ReadOptions(), given.summary.columns
    if columns.has_found_ids:
        # rows that come later have the same ids, whatever their cells would show
        reading = replace(reading, ids=columns.ids)
    if reading.holidays:
        from forecaster.data.covariate_sources.holidays import locate_holidays  # noqa: PLC0415 - not all runs have holidays

        reading = replace(reading, holidays=locate_holidays(reading.holidays))
    # those that fit the steps, of which some may be left out
    reading = replace(reading, calendar=given.calendar)
    worth: Worth | None = None
    left_out: tuple[str, ...] = ()
    kept = panel
    if panel.covariates is not None:
        from forecaster.learning.selection import measure_covariates  # noqa: PLC0415 - only where there are covariates

        worth = measure_covariates(panel, plan=plan)
        # in a wide table, a column without a role would be a series
        left_out = () if plan.keeps_covariates or columns.wide else worth.harmful_columns
        kept = replace(panel, covariates=panel.covariates.without(left_out))
        reading = leave_out(left_out, reading=reading, columns=columns)
    source = DataSource(given.locations, reading)
    # torch has one random state for all threads of a program: one training at a time, and it stays as it was
    with ONE_TRAINING:
        if count_usable_cpus() > 1:
            THREADED_IN.add(os.getpid())
        threads = torch.get_num_threads()
        try:
            with torch.random.fork_rng(devices=[]):
                trained = fit(kept, plan=plan, source=source, control=control)
        finally:
            torch.set_num_threads(threads)
    forecaster = make_forecaster(trained.card, network=trained.network, name="the new model")
    sharing = trained.sharing
    used = trained.card.learned_attributes
    return Model(
        trained.card,
        trained.network,
        partial(bytes, trained.weights),
        forecaster,
        worth,
        left_out,
        sharing,
        tuple(name for name in columns.static if name not in used),
        tuple(describe_errors(panel, forecaster, horizon=forecaster.horizon)),
    )


def _refuse_forks() -> None:
    if THREADED_IN and os.getpid() not in THREADED_IN:
        raise ConfigurationError(
            "This process is the fork of one that has trained, in which torch would wait for ever. "
            'Start processes that train with "spawn": multiprocessing.get_context("spawn").'
        )


@contextmanager
def explain_missing_torch() -> Iterator[None]:
    """Raise ConfigurationError where an import within the context needs a package that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Learning needs {error.name}, which is not installed here. "
            "Install forecast with all that it depends on, or use the image 'train'."
        ) from error
