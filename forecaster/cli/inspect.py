"""`forecast inspect`: show the contents of a model and explain its forecast of one series."""

from pathlib import Path
from typing import Annotated

import typer

from forecaster.cli import options
from forecaster.cli.declaring import expand_groups, option
from forecaster.data.read_options import ReadOptions
from forecaster.settings import MODEL_FOLDER

__all__ = ["inspect"]


@expand_groups
def inspect(
    model: Annotated[
        Path, typer.Argument(help="Model folder, or 'base' for the base model.", envvar="FORECAST_MODEL")
    ] = Path(MODEL_FOLDER),
    data: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DATA", help="Series to look at (default, with --series: what the model was trained on)."
        ),
    ] = None,
    series: Annotated[
        str | None,
        option("--series", help="The id of the series to look at.", heading=options.FILE, unit="ID"),
    ] = None,
    output: Annotated[
        Path | None,
        option(
            "--output",
            "-o",
            help="HTML page to write, with charts.",
            heading=options.OUTPUT,
            unit="FILE",
            variable="FORECAST_PAGE",
        ),
    ] = None,
    horizon: options.Horizon = None,
    season: options.Season = None,
    future: options.Future = None,
    future_fill: options.FutureFill = None,
    reading: options.Reading = ReadOptions(),
    until: options.Until = None,
    quiet: options.Quiet = False,
) -> None:
    """Show what is in a model, and why it forecasts one series as it does.

    Example: forecast inspect base sample_data/air_passengers.csv --output inspect.html
    """
    from forecaster.cli.inputs import check_outputs
    from forecaster.data.times.dates import format_times
    from forecaster.errors import UsageError
    from forecaster.files import check_writable, write_text
    from forecaster.library.one_picture import take_one
    from forecaster.library.opening import find_model
    from forecaster.library.picture_plan import PicturePlan
    from forecaster.library.remembered import list_holiday_files
    from forecaster.report.console import Reporter
    from forecaster.report.drawing import require_plotting
    from forecaster.report.inspection import list_facts, show_explanation, show_facts
    from forecaster.report.inspection_page import make_inspection
    from forecaster.report.wording import name_unit

    reporter = Reporter(quiet=quiet)
    if output is not None:
        if output.suffix not in (".html", ".htm"):
            raise UsageError(f"--output {output}: the page is HTML. Name a file that ends in .html.")
        require_plotting()
        check_writable(output)
    seasons = options.parse_seasons(season)
    opened = find_model(model, with_weights=True)
    if output is not None:
        read = [opened.find_data(data or ()), *([(future,)] if future is not None else [])]
        read += list_holiday_files(reading, card=opened.card)
        check_outputs([output], data=read, model=model)
    facts = list_facts(opened.card, parameters=sum(values.size for values in opened.weights.values()))
    show_facts(facts, title="The base model" if opened.is_base else f"{model}", reporter=reporter)
    if not data and series is None and output is None:
        return
    names = opened.find_data(data or ())
    given = opened.read(
        names, is_remembered=not data, reading=reading, until=until, future=future, on_remark=reporter.say
    )
    panel = given.panel
    number, explanation = opened.look_into(
        given, series=series, horizon=horizon, seasons=seasons, fill=future_fill, on_remark=reporter.say
    )
    label = panel.label(number)
    stamps = panel.timestamps_of(number, back=len(explanation.history), ahead=0)
    written = format_times(stamps, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock)
    show_explanation(explanation, name=label, times=written, reporter=reporter)
    if output is not None:
        plan = PicturePlan(horizon, seasons, fill=future_fill)
        pictures = take_one(opened, given, series=number, plan=plan)
        page = make_inspection(explanation, pictures=pictures, series=number, unit=name_unit(given), facts=facts)
        write_text(output, text=page)
        reporter.say(f"Charts are in {output}.")
