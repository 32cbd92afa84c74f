"""`forecast inspect`: flags in, exit code out."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecaster.cli import options
from forecaster.data.read_options import ReadOptions
from forecaster.settings import MODEL_FOLDER

if TYPE_CHECKING:
    from forecaster.forecasting.forecaster import Forecaster
    from forecaster.model.card import ModelCard
    from forecaster.network.names import Weights

__all__ = ["inspect"]


@options.expand_groups
def inspect(
    model: Annotated[
        Path, typer.Argument(help="Model folder, or 'base' for the base model.", envvar="FORECAST_MODEL")
    ] = Path(MODEL_FOLDER),
    data: Annotated[
        str | None, typer.Argument(help="CSV of series to look at (default, with --series: what it was trained on).")
    ] = None,
    series: Annotated[
        str | None,
        options.option("--series", help="The id of the series to look at.", heading=options.FILE, unit="ID"),
    ] = None,
    output: Annotated[
        Path | None,
        options.option(
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
    reading: options.Reading = ReadOptions(),
    until: options.Until = None,
    quiet: options.Quiet = False,
) -> None:
    """Show what is in a model, and why it forecasts one series as it does.

    Example: forecast inspect base sample_data/air_passengers.csv --output inspect.html
    """
    from forecaster.cli.inputs import check_outputs, choose_forecaster, find_data, read_input
    from forecaster.data.dates import format_times
    from forecaster.errors import UsageError
    from forecaster.files import check_writable, write_text
    from forecaster.inspection.explanation import explain_forecast
    from forecaster.model.base import read_base
    from forecaster.model.folder import read_model
    from forecaster.report.console import Reporter
    from forecaster.report.inspection import list_facts, show_explanation, show_facts
    from forecaster.report.page import make_page

    reporter = Reporter(quiet=quiet)
    if output is not None:
        if output.suffix not in (".html", ".htm"):
            raise UsageError(f"--output {output}: the page is HTML. Name a file that ends in .html.")
        check_writable(output)
    seasons = options.parse_seasons(season)
    # of one version, even where a training replaces the model in between
    forecaster, card, weights = read_model(model, partial(_open_with_weights, model))
    if output is not None:
        check_outputs([output], data=[find_data(data, card=card)], model=model)
    described = read_base()[0] if card is None else card
    facts = list_facts(described, parameters=sum(values.size for values in weights.values()))
    show_facts(facts, title=f"{model if card else 'The base model'}", reporter=reporter)
    if data is None and series is None and output is None:
        return
    name = find_data(data, card=card)
    panel, _ = read_input(name, reading=reading, card=card, until=until, reporter=reporter)
    forecaster = choose_forecaster(forecaster, card, panel=panel, name=name, seasons=seasons)
    number = panel.find(series) if series is not None else panel.first()
    explanation = explain_forecast(
        panel,
        forecaster,
        series=number,
        horizon=horizon or forecaster.horizon,
        weights=weights,
        shape=described.network,
    )
    label = panel.label(number)
    stamps = panel.timestamps_of(number, back=len(explanation.history), ahead=len(explanation.median))
    written = format_times(stamps, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock)
    times, ahead = written[: len(explanation.history)], written[len(explanation.history) :]
    show_explanation(explanation, name=label, times=times, reporter=reporter)
    if output is not None:
        write_text(output, text=make_page(explanation, name=label, facts=facts, times=times, ahead=ahead))
        reporter.say(f"Charts are in {output}.")


def _open_with_weights(
    model: Path,
) -> "tuple[Forecaster | None, ModelCard | None, Weights]":
    from forecaster.cli.inputs import open_if_any
    from forecaster.model.weights import load_weights

    forecaster, card = open_if_any(model)
    return forecaster, card, load_weights(model, card=card)
