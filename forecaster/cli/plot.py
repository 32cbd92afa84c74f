"""`forecast plot`: draw forecasts, with the last backtest, as a PNG, SVG or PDF picture."""

from time import monotonic
from typing import Annotated, Literal

from forecaster.cli import options, picture_options
from forecaster.cli.declaring import expand_groups, option
from forecaster.data.read_options import ReadOptions
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.end_options import EndOptions
from forecaster.settings import DEFAULT_LEVELS, PLOT_FILE

__all__ = ["plot"]


@expand_groups
def plot(
    data: options.DataOrTrained = None,
    model: options.ModelIfAny = None,
    output: Annotated[
        str,
        option(
            "--output",
            "-o",
            help="Picture to write: .png, .svg or .pdf.",
            heading=options.OUTPUT,
            unit="FILE",
            variable="FORECAST_PLOT",
        ),
    ] = PLOT_FILE,
    series: Annotated[
        list[str] | None,
        option("--series", help="The id of a series to draw; may be given again.", heading=options.OUTPUT, unit="ID"),
    ] = None,
    pick: Annotated[
        str,
        option(
            "--pick",
            help="Which other series to draw: first, worst, best (by the backtest), comma-separated "
            "(default: first, where no --series is named).",
            heading=options.OUTPUT,
            unit="NAMES",
        ),
    ] = "",
    show: Annotated[
        int,
        option(
            "--show", help="Number of series of each --pick.", heading=options.OUTPUT, unit="NUMBER", min=1, max=100
        ),
    ] = 1,
    history: picture_options.History = None,
    title: picture_options.Title = None,
    unit: picture_options.Unit = None,
    theme: Annotated[
        Literal["light", "dark"], option("--theme", help="Dark on light, or light on dark.", heading=options.OUTPUT)
    ] = "light",
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
    """Draw history, forecast, intervals and the last backtest of one series or a grid of several.

    Example: forecast plot sample_data/air_passengers.csv --output forecast.png
    """
    from pathlib import Path

    from forecaster.cli.pictures import Request, read_request
    from forecaster.files import write_bytes
    from forecaster.library.picture_plan import PicturePlan
    from forecaster.library.pictures import take_pictures
    from forecaster.report.console import Reporter
    from forecaster.report.drawing import check_ending, require_plotting
    from forecaster.report.plotting import Drawing, describe_drawn, describe_slow, describe_undrawn, draw_series

    begun = monotonic()
    check_ending(output)
    require_plotting()
    picks = tuple(name.strip() for name in pick.split(",") if name.strip())
    drawing = Drawing(tuple(dict.fromkeys(series or ())), picks, show, history, title, unit, theme)
    reporter = Reporter(quiet=quiet)
    plan = PicturePlan(
        horizon,
        options.parse_seasons(season),
        tuple(options.parse_numbers(level, flag="--level")),
        bounds,
        ends,
        future_fill,
        worth=False,
    )
    request = Request(tuple(data or ()), model, future, reading, until)
    opened, given = read_request(request, output=output, as_json=as_json, reporter=reporter)
    for name in drawing.series:
        given.panel.find_observed(name)
    ending = Path(output).suffix.lower()
    for line in describe_slow(given, drawing=drawing, ending=ending):
        reporter.say(line)
    with reporter.progress("drawing") as progress:
        pictures = take_pictures(opened, given, plan=plan, on_progress=progress)
        chosen, image = draw_series(pictures, given, drawing=drawing, ending=ending, on_progress=progress)
    write_bytes(Path(output), data=image)
    undrawn = describe_undrawn(chosen, given, drawing=drawing, ending=ending)
    for line in [*describe_drawn(pictures, chosen, drawing=drawing), *undrawn]:
        reporter.say(line)
    seconds = monotonic() - begun
    reporter.say(f"{len(chosen):,} of {len(given.panel):,} series drawn to {output} in {seconds:.1f} s.")
    if as_json:
        reporter.emit_json(
            {
                "command": "plot",
                "output": output,
                "series": [picture.label for picture in chosen],
                "horizon": pictures.horizon,
                "warnings": given.list_warnings(),
                "seconds": round(seconds, 3),
            }
        )
