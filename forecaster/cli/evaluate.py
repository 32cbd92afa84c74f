"""`forecast evaluate`: backtest a model next to baselines and write the scores."""

import math
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from forecaster.cli import options
from forecaster.cli.declaring import expand_groups, option
from forecaster.data.read_options import ReadOptions
from forecaster.forecasting.bounds import Bounds
from forecaster.settings import BASELINE_SECONDS, METRICS_FILE, MODEL_FOLDER

__all__ = ["evaluate"]


@expand_groups
def evaluate(
    data: options.DataOrTrained = None,
    model: options.ModelIfAny = None,
    output: Annotated[
        Path,
        option(
            "--output",
            "-o",
            help="JSON file of scores; metrics.csv (per series) and backtest.csv go next to it.",
            heading=options.OUTPUT,
            unit="FILE",
            variable="FORECAST_METRICS",
        ),
    ] = METRICS_FILE,  # type: ignore[assignment]
    windows: options.Windows = 1,
    step: Annotated[
        int | None,
        option(
            "--step",
            help="Steps between cutoffs (default: the horizon).",
            heading=options.SCORES,
            unit="STEPS",
            min=1,
            max=options.MAX_STEPS,
        ),
    ] = None,
    baselines: Annotated[
        str,
        option(
            "--baselines",
            help="Also AutoETS, AutoARIMA, Theta, AutoTheta, for rare demand Croston, SBA, TSB, ADIDA, IMAPA, "
            "or 'all', comma-separated (extra [baselines]).",
            heading=options.SCORES,
            unit="NAMES",
        ),
    ] = "",
    baseline_budget: Annotated[
        str,
        option(
            "--baseline-budget",
            help="Time after which one of --baselines is given up and left out, such as 60s or 5m.",
            heading=options.SCORES,
            unit="TIME",
        ),
    ] = f"{BASELINE_SECONDS // 60}m",
    require_skill: Annotated[
        str | None,
        option(
            "--require-skill",
            help="Exit with 4 unless the error is below the best baseline's by this share, such as 5%.",
            heading=options.SCORES,
            unit="SHARE",
        ),
    ] = None,
    horizon: options.Horizon = None,
    season: options.Season = None,
    mase_season: Annotated[
        int | None,
        option(
            "--mase-season",
            help="Steps of the season of MASE and of the seasonal naive forecast (default: the main season).",
            heading=options.SCORES,
            unit="STEPS",
            min=1,
        ),
    ] = None,
    bounds: options.Limits = Bounds(),
    reading: options.Reading = ReadOptions(),
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Forecast from past cutoffs and compare the model's scores with simple baselines.

    Example: forecast evaluate sample_data/air_passengers.csv --windows 3
    """
    from forecaster.cli.inputs import check_outputs, describe_base
    from forecaster.cli.signals import SignalFlag
    from forecaster.evaluation.backtest import BacktestPlan
    from forecaster.evaluation.records import list_outputs
    from forecaster.evaluation.statistical import choose_statistical
    from forecaster.files import check_writable
    from forecaster.library.opening import find_model
    from forecaster.library.remembered import list_holiday_files
    from forecaster.report.console import Reporter
    from forecaster.report.scores import show_backtest
    from forecaster.units import parse_duration, parse_share

    begun = monotonic()
    least = None if require_skill is None else parse_share(require_skill, flag="--require-skill", least=-math.inf)
    reporter = Reporter(quiet=quiet)
    limit = parse_duration(baseline_budget, flag="--baseline-budget")
    plan = BacktestPlan(horizon, windows, step, mase_season, choose_statistical(baselines), limit)
    outputs = list_outputs(output)
    for path in outputs:
        check_writable(path)
    seasons = options.parse_seasons(season)
    opened = find_model(model)
    names = opened.find_data(data or ())
    check_outputs(
        outputs,
        data=[names, *list_holiday_files(reading, card=opened.card)],
        model=model or Path(MODEL_FOLDER),
        as_json=as_json,
    )
    given = opened.read(names, is_remembered=not data, reading=reading, on_remark=reporter.say)
    if opened.is_base:
        reporter.say(describe_base(model))
    with reporter.progress("scoring") as show:
        scores = opened.score(given, plan=plan, seasons=seasons, bounds=bounds, on_progress=show)
    with SignalFlag():  # all files or none
        scores.save(output)
    show_backtest(
        scores,
        asked=windows,
        output=output,
        seconds=monotonic() - begun,
        reporter=reporter,
    )
    if as_json:
        brief = {name: value for name, value in scores.records.items() if name not in ("cutoffs", "undefined_scores")}
        reporter.emit_json(
            {
                "command": "evaluate",
                **brief,
                "warnings": given.list_warnings(),
                "seconds": round(monotonic() - begun, 3),
            }
        )
    if least is not None and (scores.skill is None or scores.skill < least):
        reporter.say(f"the required skill of {require_skill} is not met.")
        raise typer.Exit(4)
