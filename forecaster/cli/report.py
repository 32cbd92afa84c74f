"""`forecast report`: one HTML file on the forecasts of all series."""

from time import monotonic
from typing import Annotated

import typer

from forecaster.cli import options, picture_options
from forecaster.cli.declaring import expand_groups, option
from forecaster.data.read_options import ReadOptions
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.end_options import EndOptions
from forecaster.settings import DEFAULT_LEVELS, MODEL_FOLDER, REPORT_FILE

__all__ = ["report"]


@expand_groups
def report(
    context: typer.Context,
    data: options.DataOrTrained = None,
    model: options.ModelIfAny = None,
    output: Annotated[
        str,
        option(
            "--output",
            "-o",
            help="HTML file to write.",
            heading=options.OUTPUT,
            unit="FILE",
            variable="FORECAST_REPORT",
        ),
    ] = REPORT_FILE,
    history: picture_options.History = None,
    title: picture_options.Title = None,
    unit: picture_options.Unit = None,
    windows: options.Windows = 1,
    horizon: options.Horizon = None,
    season: options.Season = None,
    level: options.Level = ",".join(map(str, DEFAULT_LEVELS)),
    bounds: options.Limits = Bounds(),
    future: options.Future = None,
    future_fill: options.FutureFill = None,
    ends: options.Ends = EndOptions(),
    reading: options.Reading = ReadOptions(),
    until: options.Until = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write one HTML file on the forecasts of all series: how good they are, and a chart of each.

    Example: forecast report sample_data/us_employment.csv --output report.html
    """
    from pathlib import Path

    from forecaster.cli.pictures import Request, read_request
    from forecaster.cli.repeating import list_given, write_command
    from forecaster.files import write_text
    from forecaster.library.picture_plan import PicturePlan
    from forecaster.library.pictures import take_pictures
    from forecaster.report.console import Reporter
    from forecaster.report.drawing import require_plotting
    from forecaster.report.forecast_page import Making
    from forecaster.report.plotting import check_page_ending, describe_now, find_all, make_page, name_model
    from forecaster.report.wording import describe_backtest

    begun = monotonic()
    check_page_ending(output)
    require_plotting()
    reporter = Reporter(quiet=quiet)
    plan = PicturePlan(
        horizon,
        options.parse_seasons(season),
        tuple(options.parse_numbers(level, flag="--level")),
        bounds,
        ends,
        future_fill,
        windows,
    )
    request = Request(tuple(data or ()), model, future, reading, until)
    opened, given = read_request(request, output=output, as_json=as_json, reporter=reporter)
    with reporter.progress("reporting") as progress:
        pictures = take_pictures(opened, given, plan=plan, on_progress=progress)
        making = Making(
            describe_now(),
            write_command(context, data=opened.find_data(data or ())),
            name_model(opened, model or MODEL_FOLDER),
            [(name, "yes" if value is None else value or "–") for name, value in list_given(context)],
            find_all(opened, given, reading=reading, until=until),
            history=history,
            title=title,
            unit=unit,
        )
        page = make_page(opened, given, pictures, plan=plan, making=making, on_progress=progress)
    write_text(Path(output), text=page)
    for line in describe_backtest(pictures):
        reporter.say(line)
    seconds = monotonic() - begun
    size = len(page.encode()) / 1e6
    reporter.say(f"{len(given.panel):,} series, written to {output} ({size:.1f} MB) in {seconds:.1f} s.")
    failed = len(pictures.forecast.failed)
    if failed:
        reporter.say(f"No value to forecast from in {failed:,} of them.")
    if as_json:
        reporter.emit_json(
            {
                "command": "report",
                "output": output,
                "series": len(given.panel),
                "failed": failed,
                "horizon": pictures.horizon,
                "megabytes": round(size, 1),
                "warnings": given.list_warnings(),
                "seconds": round(seconds, 3),
            }
        )
    if failed:
        raise typer.Exit(3)
