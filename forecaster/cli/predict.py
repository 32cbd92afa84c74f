"""`forecast predict`: forecast every series and write the forecasts to a file or stdout."""

from time import monotonic
from typing import Annotated

import typer

from forecaster.cli import options
from forecaster.cli.declaring import expand_groups, option
from forecaster.data.read_options import ReadOptions
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.end_options import EndOptions
from forecaster.settings import DEFAULT_LEVELS, FORECAST_FILE, MODEL_FOLDER

__all__ = ["predict"]


@expand_groups
def predict(
    data: options.DataOrTrained = None,
    model: options.ModelIfAny = None,
    output: Annotated[
        str,
        option(
            "--output",
            "-o",
            help="File to write: .csv, .csv.gz, .parquet or .json, or '-' for stdout.",
            heading=options.OUTPUT,
            unit="FILE",
        ),
    ] = FORECAST_FILE,
    quote_formulas: Annotated[
        bool,
        option(
            "--quote-formulas",
            help="Put ' before ids that a spreadsheet would run as a formula (those that begin with = + - @).",
            heading=options.OUTPUT,
        ),
    ] = False,
    show: Annotated[
        int,
        option(
            "--show",
            help="Number of series of which a chart is shown in the terminal; 0 for none.",
            heading=options.OUTPUT,
            unit="NUMBER",
            min=0,
            max=100,
        ),
    ] = 1,
    horizon: options.Horizon = None,
    season: options.Season = None,
    level: options.Level = ",".join(map(str, DEFAULT_LEVELS)),
    quantiles: options.Quantiles = "",
    mean: options.Mean = False,
    bounds: options.Limits = Bounds(),
    future: options.Future = None,
    future_fill: options.FutureFill = None,
    ends: options.Ends = EndOptions(),
    digits: options.Digits = "justified",
    reading: options.Reading = ReadOptions(),
    until: options.Until = None,
    max_memory: options.MaxMemory = None,
    engine: options.Engine = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Forecast every series in DATA, with a trained model or the base model.

    Example: forecast predict sample_data/air_passengers.csv --output forecasts.csv
    """
    from pathlib import Path

    from forecaster.cli.inputs import check_outputs, describe_base
    from forecaster.files import check_writable
    from forecaster.forecasting.writing import columns_for, resolve_output, write_table
    from forecaster.library.forecast_files import ForecastStyle, tabulate_forecast
    from forecaster.library.forecast_plan import ForecastPlan
    from forecaster.library.forecast_remarks import describe_mean
    from forecaster.library.opening import find_model
    from forecaster.library.remembered import list_holiday_files
    from forecaster.report.console import Reporter
    from forecaster.report.forecasts import Written, show_forecast, summarise_forecast

    begun, is_parted = monotonic(), max_memory is not None or engine is not None
    output = resolve_output(output) if not is_parted else options.name_folder(output)
    reporter = Reporter(quiet=quiet, data_on_stdout=output == "-")
    columns = columns_for(
        options.parse_numbers(level, flag="--level"),
        quantiles=options.parse_numbers(quantiles, flag="--quantiles"),
    )
    if output != "-" and not is_parted:
        check_writable(Path(output))
    plan = ForecastPlan(horizon, options.parse_seasons(season), bounds, ends, future_fill, mean)
    opened = find_model(model)
    names = opened.find_data(data or ())
    style = ForecastStyle(columns, digits == "full", mean, quote_formulas)
    if is_parted:
        from forecaster.cli.predict_parts import choose_engine, report_parts
        from forecaster.scale.large_input import LargeInput
        from forecaster.scale.part_forecaster import Request

        if opened.is_base:
            reporter.say(describe_base(model))
        predict_parts, large = choose_engine(engine, max_memory=max_memory), LargeInput(names, reading, until, future)
        written = predict_parts(large, output, model=opened, request=Request(style, plan), on_remark=reporter.say)
        summary = report_parts(written, output=output, seconds=monotonic() - begun, has_mean=mean, reporter=reporter)
        if as_json:
            reporter.emit_json({"command": "predict", "output": output, **summary})
        if summary["failed"]["count"]:
            raise typer.Exit(3)
        return
    read = [names, *([(future,)] if future is not None else []), *list_holiday_files(reading, card=opened.card)]
    check_outputs([output], data=read, model=model or Path(MODEL_FOLDER), as_json=as_json)
    given = opened.read(
        names, is_remembered=not data, reading=reading, until=until, future=future, on_remark=reporter.say
    )
    if opened.is_base:
        reporter.say(describe_base(model))
    forecast = opened.forecast(given, plan=plan)
    table = tabulate_forecast(given, forecast, output=output, style=style, bounds=bounds)
    write_table(table, output=output, style=given.panel.number_style)
    seconds = monotonic() - begun
    written_to = Written(output, columns, seconds)
    show_forecast(given.panel, forecast, written=written_to, shown=show, reporter=reporter)
    for line in describe_mean(forecast.mean_factor) if mean else []:
        reporter.say(line)
    if as_json:
        reporter.emit_json(
            {
                "command": "predict",
                "output": output,
                **summarise_forecast(given.panel, forecast, columns=columns),
                **({"mean_factor": forecast.mean_factor} if mean else {}),
                "warnings": given.list_warnings(),
                "seconds": round(seconds, 3),
            }
        )
    if len(forecast.failed):
        raise typer.Exit(3)
