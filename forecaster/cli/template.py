"""`forecast template`: write the rows of known columns that a forecast needs, to fill in."""

from time import monotonic
from typing import Annotated

from forecaster.cli import options
from forecaster.cli.declaring import expand_groups, option
from forecaster.data.read_options import ReadOptions
from forecaster.forecasting.end_options import EndOptions
from forecaster.settings import FUTURE_FILE, MODEL_FOLDER

__all__ = ["template"]


@expand_groups
def template(
    data: options.DataOrTrained = None,
    model: options.ModelIfAny = None,
    output: Annotated[
        str,
        option(
            "--output",
            "-o",
            help="File to write: .csv or .csv.gz, .parquet, or '-' for stdout; all fit DATA of any kind.",
            heading=options.OUTPUT,
            unit="FILE",
            variable="FORECAST_TEMPLATE",
        ),
    ] = FUTURE_FILE,
    horizon: options.Horizon = None,
    season: options.Season = None,
    ends: options.Ends = EndOptions(),
    reading: options.Reading = ReadOptions(),
    until: options.Until = None,
    future: options.Future = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the rows that a forecast needs of what is known ahead, such as prices, to fill in.

    Example: forecast template sales.csv --known price,promotion --output future.csv
    """
    from pathlib import Path

    from forecaster.cli.inputs import check_outputs
    from forecaster.errors import UsageError
    from forecaster.files import check_writable
    from forecaster.forecasting.writing import resolve_output, write_table
    from forecaster.library.opening import find_model
    from forecaster.library.remembered import list_holiday_files
    from forecaster.library.templates import template_of
    from forecaster.library.wording import count_things
    from forecaster.report.console import Reporter

    begun = monotonic()
    if output.endswith((".json", ".xlsx")):
        kind = "JSON cannot be given as --future" if output.endswith(".json") else "Excel cannot be written"
        raise UsageError(
            f"--output {output}: {kind}. Name a file that ends in .csv, which 'forecast predict' takes as --future "
            "beside data of any kind."
        )
    output = resolve_output(output)
    reporter = Reporter(quiet=quiet, data_on_stdout=output == "-")
    if output != "-":
        if Path(output).is_file():
            raise UsageError(
                f"--output {output} exists already, and may hold values that were filled in. Name another file, or "
                "delete it."
            )
        check_writable(Path(output))
    seasons = options.parse_seasons(season)
    opened = find_model(model)
    names = opened.find_data(data or ())
    check_outputs(
        [output],
        data=[names, *([(future,)] if future is not None else []), *list_holiday_files(reading, card=opened.card)],
        model=model or Path(MODEL_FOLDER),
        as_json=as_json,
    )
    given = opened.read(
        names, is_remembered=not data, reading=reading, until=until, future=future, on_remark=reporter.say
    )
    table = template_of(given, model=opened, horizon=horizon, seasons=seasons, ends=ends)
    write_table(table, output=output, style=given.panel.number_style)
    known = list(given.summary.columns.known)
    empty = int(table[known].isna().to_numpy().sum())
    target = "stdout" if output == "-" else output
    rows = count_things(len(table), "row")
    remedy = f"; give it to 'forecast predict' with --future {output}" if output != "-" else ""
    reporter.say(f"{rows} written to {target}, {count_things(empty, 'cell')} of {', '.join(known)} to fill in{remedy}.")
    if as_json:
        reporter.emit_json(
            {
                "command": "template",
                "output": output,
                "rows": len(table),
                "columns": known,
                "empty": empty,
                "seconds": round(monotonic() - begun, 3),
            }
        )
