"""Plan the forecast of an input in parts, whichever engine holds them: survey all, then decide once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError, UsageError
from forecaster.forecasting.earlier_pasts import EarlierPasts
from forecaster.forecasting.origins import find_common_end, find_origins
from forecaster.forecasting.self_calibration import calibrate_by_past, correct_mean_by_past
from forecaster.forecasting.writing import columns_for
from forecaster.library.covariate_remarks import describe_spellings
from forecaster.library.forecast_files import ForecastStyle
from forecaster.library.forecast_plan import ForecastPlan
from forecaster.library.inputs import Given, Remark, describe_dates, ignore
from forecaster.library.model import Model
from forecaster.library.opening import open_base_model
from forecaster.library.remarks import describe_static
from forecaster.scale.guides import Guides
from forecaster.scale.joining import join_surveys
from forecaster.scale.part_forecaster import PartForecaster, Request
from forecaster.scale.survey import PartReader, Survey, extend_panel, find_basis, survey_part
from forecaster.scale.whole_columns import WholeColumns
from forecaster.scale.written import describe_whole
from forecaster.settings import DEFAULT_LEVELS

__all__ = ["MapParts", "PartSurveyor", "Plan", "plan_parts"]


@dataclass(frozen=True)
class PartSurveyor:
    """Surveys one part, a frame with all rows of its series; it can be pickled, and sent to where the parts are.

    `longest` is the number of steps of the longest series of all parts, and `last` their last time, once these are
    known.
    """

    reader: PartReader
    model: Model = field(default_factory=open_base_model)
    request: Request = field(
        default_factory=lambda: Request(ForecastStyle(columns_for([*DEFAULT_LEVELS], quantiles=[])))
    )
    longest: int | None = None
    last: NDArray[Any] | None = None

    @classmethod
    def of(cls, reading: ReadOptions, *, horizon: int | None = None) -> "PartSurveyor":
        """One for parts with the columns that `reading` names, and forecasts by the base model."""
        plain = cls(PartReader("the frames", reading))
        return replace(plain, request=replace(plain.request, plan=ForecastPlan(horizon)))

    def __call__(self, frame: pd.DataFrame) -> Survey:
        """What the part shows."""
        return self.survey(self.reader.read(frame))

    def survey(self, given: Given) -> Survey:
        """What a part that was read shows."""
        fill = self.reader.reading.fill
        if fill is not None and self.last is not None:
            given = replace(given, panel=extend_panel(given.panel, last=self.last, fill=fill))
        seasons = self.request.plan.seasons
        return survey_part(given, model=self.model, seasons=seasons, fill=fill, longest=self.longest)


MapParts = Callable[[PartSurveyor], Iterable[Survey]]
"""Calls the surveyor with each part, where it is, and gives the surveys in the same order each time."""


@dataclass(frozen=True)
class Plan:
    """What forecasts each part, and what all parts show together."""

    forecaster: PartForecaster
    whole: Survey


def plan_parts(map_parts: MapParts, surveyor: PartSurveyor, *, on_remark: Remark = ignore) -> Plan:
    """Survey all parts and decide on the whole.

    `on_remark` is called with lines on what was found. Raises DataError where parts do not agree.
    """
    name = surveyor.reader.name
    surveys, guides = _survey_all(map_parts, surveyor)
    whole = join_surveys(surveys, name=name)
    if not whole.lengths.any():
        until = surveyor.reader.until
        raise (
            DataError(f"{name}: no series has a value to forecast from.")
            if until is None
            else UsageError(f"--until {until}: no series begins before it.")
        )
    whole.check_closed(surveyor.reader.reading, name=name)
    given = surveyor.reader.name_dates(whole.span)
    for line in [*describe_whole(whole, name=name), *describe_dates(given)]:
        on_remark(line)
    fill = surveyor.reader.reading.fill
    is_longer = False
    if fill is not None:
        before, whole = whole, whole.fill_up()
        is_longer = bool((whole.lengths > before.lengths).any())
    basis = find_basis(whole.skeleton, model=surveyor.model, seasons=surveyor.request.plan.seasons)
    if is_longer or any(survey.basis != basis for survey in surveys):
        del guides  # of a survey that does not count
        _, guides = _survey_all(map_parts, replace(surveyor, longest=int(whole.lengths.max()), last=whole.last))
    return Plan(_decide(whole, guides.join(whole.covariates), surveyor=surveyor, on_remark=on_remark), whole)


def _survey_all(map_parts: MapParts, surveyor: PartSurveyor) -> tuple[list[Survey], Guides]:
    """The surveys of all parts, without their guides, and the guides of all parts.

    Parts that differ in what guides are chosen for are surveyed again, see `plan_parts`.
    """
    surveys: list[Survey] = []
    guides = Guides(surveyor.model, surveyor.request.plan.seasons, surveyor.longest or 0)
    for survey in map_parts(surveyor):
        guides.add(survey.guides, longest=int(survey.lengths.max(initial=0)))
        surveys.append(replace(survey, guides=survey.guides.take(np.zeros(0, np.int64))))
    return surveys, guides


def _decide(whole: Survey, guides: EarlierPasts, *, surveyor: PartSurveyor, on_remark: Remark) -> PartForecaster:
    """Decide on the whole, as `Model.forecast` does on data read in one go; `guides` are those of all parts."""
    reader, model, request = surveyor.reader, surveyor.model, surveyor.request
    skeleton, plan = whole.skeleton, request.plan
    forecaster = model.prepare(Given(skeleton, reader.name, (), None), seasons=plan.seasons)  # type: ignore[arg-type]
    horizon = plan.horizon or forecaster.horizon
    common_end = find_common_end(skeleton, horizon=horizon, options=plan.ends)
    origins = find_origins(skeleton, horizon=horizon, options=plan.ends, common_end=common_end)
    columns = WholeColumns(
        whole.covariates,
        None if model.is_base else model.memory.pooled,
        horizon + int(origins.lead.max(initial=0)),
        reader.name_dates(whole.span).list_occurring(),
    )
    guides = replace(guides, panel=columns.fit(reader.name_dates(guides.panel))[0])
    static = tuple(whole.attributes) if model.is_base else ()
    for line in describe_spellings(guides.panel) + describe_static(guides.panel, None, static=static):
        on_remark(line)
    if model.is_base:
        forecaster = calibrate_by_past(guides, forecaster)
    elif plan.has_mean:
        forecaster = correct_mean_by_past(guides, forecaster)
    empty = np.zeros(0, np.int64)
    # what each worker needs is small
    last = whole.last if reader.reading.fill is not None else None
    decided = replace(whole, lengths=empty, starts=empty, times=empty, grid=empty, guides=guides.take(empty))
    return PartForecaster(reader, forecaster, horizon, common_end, decided, request, last, columns)
