"""`forecast evaluate`: flags in, exit code out."""

from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from forecaster.cli import options
from forecaster.data.read_options import ReadOptions
from forecaster.settings import METRICS_FILE, MODEL_FOLDER

__all__ = ["evaluate"]


@options.expand_groups
def evaluate(
    data: options.DataOrTrained = None,
    model: options.ModelIfAny = None,
    output: Annotated[
        Path,
        options.option(
            "--output",
            "-o",
            help="JSON file of scores; metrics.csv (per series) and backtest.csv go beside it.",
            heading=options.OUTPUT,
            unit="FILE",
            variable="FORECAST_METRICS",
        ),
    ] = METRICS_FILE,  # type: ignore[assignment]
    windows: Annotated[
        int,
        options.option(
            "--windows",
            help="Number of cutoffs to forecast from.",
            heading=options.SCORES,
            unit="NUMBER",
            min=1,
            max=options.MAX_STEPS,
        ),
    ] = 1,
    step: Annotated[
        int | None,
        options.option(
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
        options.option(
            "--baselines",
            help="Also AutoETS, AutoARIMA, Theta, AutoTheta or 'all', comma-separated (extra [baselines]).",
            heading=options.SCORES,
            unit="NAMES",
        ),
    ] = "",
    require_skill: Annotated[
        float | None,
        options.option(
            "--require-skill",
            help="Exit with 4 unless the best baseline is beaten by this share, such as 0.05.",
            heading=options.SCORES,
            unit="SHARE",
        ),
    ] = None,
    horizon: options.Horizon = None,
    season: options.Season = None,
    mase_season: Annotated[
        int | None,
        options.option(
            "--mase-season",
            help="Steps of the season of MASE and of the seasonal naive forecast (default: the main season).",
            heading=options.SCORES,
            unit="STEPS",
            min=1,
        ),
    ] = None,
    lowest: options.Lowest = None,
    highest: options.Highest = None,
    allow_negative: options.AllowNegative = False,
    reading: options.Reading = ReadOptions(),
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Forecast from past cutoffs and score the model beside simple baselines.

    Example: forecast evaluate sample_data/air_passengers.csv --windows 3
    """
    from forecaster.cli.inputs import (
        check_outputs,
        choose_forecaster,
        describe_base,
        find_data,
        open_if_any,
        read_input,
    )
    from forecaster.cli.signals import SignalFlag
    from forecaster.errors import UsageError
    from forecaster.evaluation.backtest import backtest, measure_skill
    from forecaster.evaluation.records import count_seen_windows, list_outputs, make_records, write_records
    from forecaster.evaluation.statistical import choose_statistical
    from forecaster.files import check_writable
    from forecaster.forecasting.bounds import Bounds
    from forecaster.forecasting.self_calibration import calibrate_by_past
    from forecaster.report.console import Reporter
    from forecaster.report.scores import show_backtest

    begun = monotonic()
    if require_skill is not None and not require_skill <= 1:
        raise UsageError(f"--require-skill {require_skill:g}: a share of the baseline's error, 1 at the most.")
    bounds = Bounds(lowest, highest, allow_negative)
    reporter = Reporter(quiet=quiet)
    statistical = choose_statistical(baselines)
    outputs = list_outputs(output)
    for path in outputs:
        check_writable(path)
    seasons = options.parse_seasons(season)
    forecaster, card = open_if_any(model)
    name = find_data(data, card=card)
    check_outputs(outputs, data=[name], model=model or Path(MODEL_FOLDER), as_json=as_json)
    panel, _ = read_input(name, reading=reading, card=card, reporter=reporter)
    forecaster = choose_forecaster(forecaster, card, panel=panel, name=name, seasons=seasons)
    if card is None:
        reporter.say(describe_base(model))
        horizon = horizon or forecaster.horizon
        # by nothing that is scored here
        ends = panel.lengths - horizon - (windows - 1) * (step or horizon)
        forecaster = calibrate_by_past(panel, forecaster, ends=ends)
    with reporter.progress("scoring") as show:
        found = backtest(
            panel,
            forecaster,
            horizon=horizon or forecaster.horizon,
            windows=windows,
            step=step,
            season=mase_season or (seasons[0] if seasons else None),
            statistical=statistical,
            bounds=bounds,
            on_progress=show,
        )
    seen = count_seen_windows(panel, found, card=card) if card else 0
    records = make_records(panel, found, seen=seen)
    with SignalFlag():  # all of the files or none
        write_records(panel, found, records=records, output=output)
    show_backtest(found, asked=windows, seen=seen, output=output, seconds=monotonic() - begun, reporter=reporter)
    if as_json:
        brief = {name: value for name, value in records.items() if name not in ("cutoffs", "undefined_scores")}
        reporter.emit_json({"command": "evaluate", **brief, "seconds": round(monotonic() - begun, 3)})
    skill = measure_skill(found.scores)
    if require_skill is not None and (skill is None or skill < require_skill):
        reporter.say(f"the required skill of {require_skill:g} is not met.")
        raise typer.Exit(4)
