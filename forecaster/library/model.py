"""The class `Model`: the base model, one from a folder, or one that was just trained; it predicts and evaluates."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING

from forecaster.data.read_options import FutureFill, ReadOptions
from forecaster.errors import UsageError
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.end_options import EndOptions
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.future import complete_future
from forecaster.forecasting.opening import adapt_to, check_calendar, check_learned_seasons, open_base
from forecaster.forecasting.origins import find_longest_lead
from forecaster.forecasting.self_calibration import calibrate_by_past, correct_mean_by_past
from forecaster.forecasting.writing import Layout, columns_for, make_table
from forecaster.library.covariate_remarks import describe_errors
from forecaster.library.forecast_plan import ForecastPlan
from forecaster.library.forecast_remarks import describe_forecast, describe_mean
from forecaster.library.hiding import hide_content
from forecaster.library.inputs import Data, Future, Given, Remark, ignore, list_names, read_data, tell
from forecaster.library.remarks import describe_static
from forecaster.library.remembered import Memory, find_remembered, read_as_trained
from forecaster.limits import check_kind, check_seasons, check_steps
from forecaster.model.card import BaseCard, ModelCard
from forecaster.model.folder import write_model
from forecaster.model.lock import hold_folder
from forecaster.network.names import Weights
from forecaster.settings import DEFAULT_LEVELS

if TYPE_CHECKING:
    import pandas as pd

    from forecaster.evaluation.backtest import BacktestPlan, Progress
    from forecaster.evaluation.worth import Worth
    from forecaster.inspection.explanation import Explanation
    from forecaster.learning.sharing import Sharing
    from forecaster.library.scores import Scores

__all__ = ["Model"]


@dataclass(frozen=True, eq=False)
class Model:
    """A network with its card; the base model forecasts any data, a trained one data like its own.

    `card` says how it was made; `network` is an ONNX file, and `load_weights` gives the same weights in the format of
    safetensors. `forecaster` runs the network; it is None for the base model, whose encoding depends on the data. Right
    after a training, `worth` is what the covariates are worth, `left_out` are those that the model does without, and
    `sharing` is whether the series have effects of them in common; `unused_static` are attributes that change none of
    these, `remarks` are sentences on the data.
    """

    card: ModelCard | BaseCard
    network: bytes
    load_weights: Callable[[], bytes]
    forecaster: Forecaster | None = None
    worth: "Worth | None" = None
    left_out: tuple[str, ...] = ()
    sharing: "Sharing | None" = None
    unused_static: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        if isinstance(self.card, BaseCard):
            return "<Model: the base model>"
        periods = " and ".join(map(str, self.card.encoding.periods))
        return f"<Model: {self.card.calendar.name} series, horizon {self.card.horizon}, season {periods}>"

    @property
    def horizon(self) -> int | None:
        """Steps that it forecasts where nothing else is asked for; None for the base model: one main season."""
        return None if self.forecaster is None else self.forecaster.horizon

    @property
    def is_base(self) -> bool:
        """Whether this is the base model, which has learned from synthetic series alone."""
        return isinstance(self.card, BaseCard)

    @property
    def trained_card(self) -> ModelCard:
        """The card of a model that was trained. Raises UsageError for the base model."""
        if isinstance(self.card, ModelCard):
            return self.card
        raise UsageError("The base model was trained on synthetic series only, so it has no card of a trained model.")

    @property
    def memory(self) -> Memory:
        """What it remembers of its data. Raises UsageError for the base model, which has had none."""
        card = self.trained_card
        pooled = self.forecaster.encoding.pooled if self.forecaster else None
        return Memory(card.source.read_options, pooled, card.learned_attributes)

    @cached_property
    def weights(self) -> Weights:
        """The weights by name, as NumPy arrays. Raises ConfigurationError unless they are those of the network."""
        from forecaster.model.weights import parse_weights  # noqa: PLC0415 - a forecast needs none

        return parse_weights(self.load_weights(), card=self.card, network=self.network)

    def predict(  # noqa: PLR0913 - options of the library
        self,
        data: Data,
        *,
        horizon: int | None = None,
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
        """Forecast every series in `data`; see `forecaster.predict`."""
        check_steps("horizon", horizon)
        check_kind("mean", mean, bool)
        check_kind("bounds", bounds, Bounds)
        check_kind("ends", ends, EndOptions)
        check_kind("future_fill", future_fill, FutureFill)
        columns = columns_for(level, quantiles=quantile_levels)
        given = self.read(data, reading=reading, future=future, on_remark=on_remark)
        plan = ForecastPlan(horizon, seasons, bounds or Bounds(), ends or EndOptions(), future_fill, mean)
        forecast = self.forecast(given, plan=plan)
        lines = describe_forecast(given.panel, forecast, columns=columns)
        tell(on_remark, lines + (describe_mean(forecast.mean_factor) if mean else []))
        return given.restore_types(make_table(given.panel, forecast, layout=Layout(columns, has_mean=mean)))

    def evaluate(
        self,
        data: Data,
        *,
        plan: "BacktestPlan | None" = None,
        seasons: tuple[int, ...] = (),
        bounds: Bounds | None = None,
        reading: ReadOptions | None = None,
        on_remark: Remark | None = ignore,
    ) -> "Scores":
        """Forecast from past cutoffs of `data` and score the forecasts; see `forecaster.evaluate`."""
        from forecaster.evaluation.backtest import BacktestPlan  # noqa: PLC0415 - a forecast needs none of it
        from forecaster.library.scores import describe_windows  # noqa: PLC0415 - the same

        check_kind("plan", plan, BacktestPlan)
        check_kind("bounds", bounds, Bounds)
        plan = plan or BacktestPlan()
        given = self.read(data, reading=reading, on_remark=on_remark)
        scores = self.score(given, plan=plan, seasons=seasons, bounds=bounds)
        tell(on_remark, describe_windows(scores, asked=plan.windows))
        return scores

    def explain(
        self,
        data: Data,
        *,
        series: str | int | None = None,
        horizon: int | None = None,
        reading: ReadOptions | None = None,
        future: Future = None,
        future_fill: FutureFill | None = None,
    ) -> "Explanation":
        """Explain the forecast of one series: the one named `series`, which may be a number, or the first with a value.

        The contributions of the segments of its past and of covariates, gates, memory, and the weights of the candidate
        forecasts. Raises UsageError where no series has that name, DataError where it has no value.
        """
        check_steps("horizon", horizon)
        name = str(series) if isinstance(series, int | Integral) else series
        check_kind("series", name, str)
        check_kind("future_fill", future_fill, FutureFill)
        given = self.read(data, reading=reading, future=future)
        return self.look_into(given, series=name, horizon=horizon, fill=future_fill)[1]

    def save(self, folder: str | Path) -> None:
        """Write the model folder, all of it or nothing, as `forecast train` does.

        Raises UsageError for the base model, which comes with the program, ConfigurationError where the folder cannot
        be written, BusyError where another process writes to it.
        """
        if self.is_base:
            raise UsageError("The base model comes with the program and need not be saved: load('base') has it.")
        with hold_folder(Path(folder)):
            self.write_into(Path(folder))

    def write_into(self, folder: Path) -> None:
        """Write the model folder; the caller must hold its lock, see `hold_folder`."""
        write_model(folder, card=self.trained_card, network=self.network, weights=self.load_weights())

    def read(
        self,
        data: Data,
        *,
        reading: ReadOptions | None = None,
        until: str | None = None,
        future: Future = None,
        is_remembered: bool = False,
        on_remark: Remark | None = ignore,
    ) -> Given:
        """Read `data`; options missing in `reading` are those that the model was trained with.

        Where `data` are those that the model names, and not the user, errors do not show their content.
        """
        check_kind("reading", reading, ReadOptions)
        if self.is_base:
            given = read_data(data, reading=reading, until=until, future=future, on_remark=on_remark)
        else:
            reading, own = reading or ReadOptions(), self.memory
            with hide_content(list_names(data), what="the data") if is_remembered else nullcontext():
                given = read_as_trained(
                    data, reading=reading, memory=own, until=until, future=future, on_remark=on_remark
                )
            given = replace(given, remembers_holidays=not reading.holidays)
        tell(on_remark, describe_static(given.panel, self.forecaster, static=given.summary.columns.static))
        return given

    def find_data(self, data: Sequence[str]) -> tuple[str, ...]:
        """`data`, or what the model was trained on. Raises UsageError where that cannot be read again or is no file."""
        if data:
            return tuple(data)
        if self.is_base:
            raise UsageError("Name the DATA: there is no trained model that would know it.")
        return find_remembered(self.trained_card)

    def forecast(self, given: Given, *, plan: ForecastPlan) -> Forecast:
        """Forecast what comes after the history, with calibrated intervals.

        Raises UsageError where the model learned other seasons, DataError where it learned steps of another length,
        and where a covariate is missing on a step to forecast, unless the `plan` has a rule to fill it in.
        """
        forecaster = self.prepare(given, seasons=plan.seasons)
        horizon = plan.horizon or forecaster.horizon
        panel = given.look_ahead(horizon + find_longest_lead(given.panel, horizon=horizon, options=plan.ends))
        if self.is_base:
            forecaster = calibrate_by_past(panel, forecaster)
        elif plan.has_mean:
            forecaster = correct_mean_by_past(panel, forecaster)
        return forecaster.forecast_ends(panel, horizon=horizon, bounds=plan.bounds, options=plan.ends, fill=plan.fill)

    def score(
        self,
        given: Given,
        *,
        plan: "BacktestPlan",
        seasons: tuple[int, ...] = (),
        bounds: Bounds | None = None,
        on_progress: "Progress" = lambda *_: None,
    ) -> "Scores":
        """Forecast from past cutoffs and score the forecasts. Raises what `forecast` and `backtest` raise."""
        from forecaster.library.scores import score_model  # noqa: PLC0415 - a forecast needs none of it

        return score_model(
            given,
            self.prepare(given, seasons=seasons),
            plan=replace(plan, mase_season=plan.mase_season or (seasons[0] if seasons else None)),
            card=None if self.is_base else self.trained_card,
            bounds=bounds,
            on_progress=on_progress,
        )

    def look_into(
        self,
        given: Given,
        *,
        series: str | None = None,
        horizon: int | None = None,
        seasons: tuple[int, ...] = (),
        fill: FutureFill | None = None,
        on_remark: Remark | None = ignore,
    ) -> "tuple[int, Explanation]":
        """The number of the series, and the explanation of its forecast; see `explain`."""
        from forecaster.inspection.explanation import explain_forecast  # noqa: PLC0415 - a forecast needs none of it

        forecaster = self.prepare(given, seasons=seasons)
        horizon = horizon or forecaster.horizon
        panel = given.look_ahead(horizon)
        number = panel.find(series) if series is not None else panel.first()
        panel = complete_future(panel, number, horizon=horizon, rule=fill, period=forecaster.encoding.periods[0])
        tell(on_remark, describe_errors(panel, forecaster, series=number, horizon=horizon))
        explanation = explain_forecast(
            panel, forecaster, series=number, horizon=horizon, weights=self.weights, shape=self.card.network
        )
        return number, explanation

    def prepare(self, given: Given, *, seasons: tuple[int, ...] = ()) -> Forecaster:
        """The network with the encoding that fits the data; the base model's intervals are not calibrated yet."""
        check_seasons(seasons)
        if self.forecaster is None:
            return open_base(given.panel, seasons=seasons)
        check_learned_seasons(seasons, learned=self.forecaster.encoding.periods)
        check_calendar(given.panel, card=self.trained_card, name=given.name)
        return adapt_to(given.panel, self.forecaster, seasons=seasons)
