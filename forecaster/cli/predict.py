"""`forecast predict`: flags in, exit code out."""

from time import monotonic
from typing import Annotated

import typer

from forecaster.cli import options
from forecaster.data.read_options import ReadOptions
from forecaster.settings import DEFAULT_LEVELS, FORECAST_FILE, MODEL_FOLDER

__all__ = ["predict"]


@options.expand_groups
def predict(
    data: options.DataOrTrained = None,
    model: options.ModelIfAny = None,
    output: Annotated[
        str,
        options.option(
            "--output",
            "-o",
            help="File to write: .csv, .csv.gz, .parquet or .json, or '-' for stdout.",
            heading=options.OUTPUT,
            unit="FILE",
        ),
    ] = FORECAST_FILE,
    horizon: options.Horizon = None,
    season: options.Season = None,
    level: options.Level = ",".join(map(str, DEFAULT_LEVELS)),
    quantiles: options.Quantiles = "",
    lowest: options.Lowest = None,
    highest: options.Highest = None,
    allow_negative: options.AllowNegative = False,
    reading: options.Reading = ReadOptions(),
    until: options.Until = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Forecast every series in DATA, with a trained model or the base model.

    Example: forecast predict sample_data/air_passengers.csv --output forecasts.csv
    """
    from pathlib import Path

    from forecaster.cli.inputs import (
        check_outputs,
        choose_forecaster,
        describe_base,
        find_data,
        open_if_any,
        read_input,
    )
    from forecaster.files import check_writable
    from forecaster.forecasting.bounds import Bounds
    from forecaster.forecasting.self_calibration import calibrate_by_past
    from forecaster.forecasting.writing import columns_for, make_table, resolve_output, write_table
    from forecaster.report.console import Reporter
    from forecaster.report.forecasts import show_forecast, summarise_forecast

    begun = monotonic()
    output = resolve_output(output)
    reporter = Reporter(quiet=quiet, data_on_stdout=output == "-")
    columns = columns_for(
        options.parse_numbers(level, flag="--level"),
        quantiles=options.parse_numbers(quantiles, flag="--quantiles"),
    )
    bounds = Bounds(lowest, highest, allow_negative)
    if output != "-":
        check_writable(Path(output))
    seasons = options.parse_seasons(season)
    forecaster, card = open_if_any(model)
    name = find_data(data, card=card)
    check_outputs([output], data=[name], model=model or Path(MODEL_FOLDER), as_json=as_json)
    panel, _ = read_input(name, reading=reading, card=card, until=until, reporter=reporter)
    forecaster = choose_forecaster(forecaster, card, panel=panel, name=name, seasons=seasons)
    if card is None:
        reporter.say(describe_base(model))
        forecaster = calibrate_by_past(panel, forecaster)
    forecast = forecaster.forecast(panel, horizon=horizon, bounds=bounds)
    table = make_table(panel, forecast, columns=columns)
    write_table(table, output=output)
    seconds = monotonic() - begun
    show_forecast(panel, forecast, output=output, seconds=seconds, reporter=reporter)
    if as_json:
        reporter.emit_json(
            {
                "command": "predict",
                "output": output,
                **summarise_forecast(panel, forecast),
                "seconds": round(seconds, 3),
            }
        )
    if len(forecast.failed):
        raise typer.Exit(3)
