"""`forecast monitor`: how good the forecasts of past runs were, now that the values have come."""

import sys
from pathlib import Path
from time import monotonic
from typing import Annotated

from forecaster.cli import options
from forecaster.cli.declaring import expand_groups, option
from forecaster.data.read_options import ReadOptions
from forecaster.settings import RUNS_FOLDER

__all__ = ["monitor"]


@expand_groups
def monitor(
    data: options.DataOrTrained = None,
    model: options.ModelIfAny = None,
    runs: options.Runs = RUNS_FOLDER,  # type: ignore[assignment]
    output: Annotated[
        Path | None,
        option("--output", "-o", help="JSON file to write all scores to.", heading=options.OUTPUT, unit="FILE"),
    ] = None,
    prometheus: Annotated[
        Path | None,
        option(
            "--prometheus",
            help="File to write the scores to as metrics for Prometheus' text file collector; '-' for stdout.",
            heading=options.OUTPUT,
            unit="FILE",
        ),
    ] = None,
    reading: options.Reading = ReadOptions(),
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Score the forecasts of past runs against the values that have come since, and judge the model.

    Example: forecast monitor sample_data/air_passengers.csv --runs runs
    """
    import json

    from forecaster.cli.inputs import check_outputs
    from forecaster.errors import UsageError
    from forecaster.files import check_writable, write_text
    from forecaster.library.opening import find_model
    from forecaster.library.remembered import list_holiday_files
    from forecaster.nightly.basis import find_basis
    from forecaster.nightly.history import monitor_folder
    from forecaster.nightly.reading import read_with_clock
    from forecaster.report.console import Reporter
    from forecaster.report.monitoring import describe_metrics, show_monitoring

    begun = monotonic()
    is_on_stdout = str(prometheus) == "-"
    reporter = Reporter(quiet=quiet, data_on_stdout=is_on_stdout)
    named = [("--output", output), ("--prometheus", prometheus)]
    outputs = [path for _, path in named if path is not None]
    if output is not None and output.suffix != ".json":
        raise UsageError(f"--output {output}: scores are JSON, so name a .json file.")
    for flag, path in named:
        if path is None or (path is prometheus and is_on_stdout):
            continue
        check_writable(path, flag=flag)
        if runs.resolve() in path.resolve().parents:
            raise UsageError(f"{flag} {path}: the folder {runs} holds the runs. Name a file outside of it.")
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise UsageError("--output and --prometheus name the same file. Name two.")
    opened = find_model(model)
    names = opened.find_data(data or ())
    read = [names, *list_holiday_files(reading, card=opened.card)]
    for flag, path in (*named, ("--json", Path("-") if as_json else None)):
        if path is not None:
            check_outputs([str(path)], data=read, model=model, flag=flag)
    data_read = read_with_clock(lambda options: opened.read(names, reading=options, on_remark=reporter.say), reading)
    basis = find_basis(data_read.given, model=opened, reading=data_read.read_with)
    found = monitor_folder(data_read.given.panel, runs, basis=basis)
    if output is not None:
        write_text(output, text=json.dumps(found.as_plain(), indent=2, allow_nan=False) + "\n", flag="--output")
    if is_on_stdout:
        sys.stdout.write(describe_metrics(found))
    elif prometheus is not None:
        write_text(prometheus, text=describe_metrics(found), flag="--prometheus")
    show_monitoring(found, seconds=monotonic() - begun, reporter=reporter)
    if as_json:
        reporter.emit_json({"command": "monitor", **found.as_plain(), "seconds": round(monotonic() - begun, 3)})
