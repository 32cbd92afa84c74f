"""`forecast run`: a whole night in one command, with gates, a record, and the last good forecast always in place."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forecaster.cli import options
from forecaster.cli.declaring import expand_groups, folder_for, option
from forecaster.data.read_options import ReadOptions
from forecaster.failures import BUG
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.end_options import EndOptions
from forecaster.nightly.rules import Gates, Retraining
from forecaster.settings import DEFAULT_LEVELS, FINE_TUNING, KEPT_RUNS, MODEL_FOLDER, RUNS_FOLDER

if TYPE_CHECKING:
    from forecaster.nightly.record import RunRecord
    from forecaster.report.console import Reporter

__all__ = ["run"]


@expand_groups
def run(
    context: typer.Context,
    data: options.DataOrTrained = None,
    model: Annotated[
        Path,
        option(
            "--model",
            help="Model folder, made where there is none; or 'base' to train nothing.",
            heading=options.MODEL,
            unit="FOLDER",
            parser=folder_for("--model"),
        ),
    ] = MODEL_FOLDER,  # type: ignore[assignment]
    runs: options.Runs = RUNS_FOLDER,  # type: ignore[assignment]
    keep: Annotated[
        int,
        option(
            "--keep",
            help="Number of runs to keep, of those that succeeded and of the others; the last good one always stays.",
            heading=options.OUTPUT,
            unit="NUMBER",
            min=1,
        ),
    ] = KEPT_RUNS,
    force: Annotated[bool, option("--force", help="Run although nothing is new.", heading=options.OUTPUT)] = False,
    horizon: options.Horizon = None,
    season: options.Season = None,
    level: options.Level = ",".join(map(str, DEFAULT_LEVELS)),
    quantiles: options.Quantiles = "",
    bounds: options.Limits = Bounds(),
    mean: options.Mean = False,
    future: options.Future = None,
    future_fill: options.FutureFill = None,
    ends: options.Ends = EndOptions(),
    digits: options.Digits = "justified",
    reading: options.Reading = ReadOptions(),
    max_memory: Annotated[
        str | None,
        option(
            "--max-memory",
            help="Refuse data that need more memory, such as 2GB, before any work (default: no limit).",
            heading=options.FILE,
            unit="SIZE",
        ),
    ] = None,
    retraining: Annotated[Retraining, options.LEARNING] = Retraining(),
    budget: options.Budget = None,
    seed: options.Seed = FINE_TUNING.seed,
    gates: Annotated[Gates, options.GATES] = Gates(),
    ping_url: Annotated[
        str | None,
        option(
            "--ping-url",
            help="Address to call at the start (/start), at success, and at failure (/ and the exit code).",
            heading=options.OUTPUT,
            unit="URL",
        ),
    ] = None,
    log_format: options.LogFormat = "text",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Run a whole night: read, check, train where needed, forecast, score past forecasts, pass the gates, write.

    Example: forecast run sample_data/air_passengers.csv --horizon 12
    """
    from forecaster.cli.signals import SignalFlag
    from forecaster.forecasting.writing import columns_for
    from forecaster.nightly.events import Event
    from forecaster.nightly.night import run_night
    from forecaster.nightly.ping import Ping
    from forecaster.nightly.plan import NightPlan
    from forecaster.report.console import Reporter
    from forecaster.report.events import show_event
    from forecaster.units import parse_duration, parse_size

    reporter = Reporter(quiet=quiet)
    levels = options.parse_numbers(level, flag="--level")
    further = options.parse_numbers(quantiles, flag="--quantiles")
    columns_for(levels, quantiles=further)
    plan = NightPlan(
        tuple(data or ()),
        model=model,
        runs=runs,
        horizon=horizon,
        seasons=options.parse_seasons(season),
        level=tuple(levels),
        quantile_levels=tuple(further),
        bounds=bounds,
        ends=ends,
        reading=reading,
        future=future,
        future_fill=future_fill,
        has_all_digits=digits == "full",
        has_mean=mean,
        budget_seconds=parse_duration(budget, flag="--budget") if budget else None,
        seed=seed,
        retraining=retraining,
        gates=gates,
        keep=keep,
        is_forced=force,
        max_memory=None if max_memory is None else parse_size(max_memory, flag="--max-memory"),
    )
    ping, failing = Ping(ping_url), context.obj
    failing.fields |= {"run": None, "runs": str(runs)}

    def listen(event: Event) -> None:
        failing.fields |= {name: value for name, value in event.fields.items() if name == "run"}
        failing.is_said = event.name == "run_ended" and event.level == "error" and not quiet
        show_event(event, reporter, as_json=log_format == "json")

    def warn(problem: str | None) -> None:
        if problem:
            show_event(
                Event(datetime.now(UTC), "warning", "not_called", problem), reporter, as_json=log_format == "json"
            )

    exit_code = BUG
    try:
        failing.has_called = True
        warn(ping.start())
        record = run_night(plan, listen=listen, watch=SignalFlag, explain=failing.explain)
        exit_code = record.exit_code or 0
    except BaseException as error:
        exit_code = failing.explain(error)[1]
        raise
    finally:
        warn(ping.end(exit_code))
    if log_format == "text":
        _show(record, runs, reporter)
    if as_json:
        reporter.emit_json({"command": "run", **record.as_plain(), "runs": str(runs)})
    if exit_code:
        raise typer.Exit(exit_code)


def _show(record: "RunRecord", runs: Path, reporter: "Reporter") -> None:
    """The last line: what is new, and where it is."""
    if record.status == "unchanged":
        reporter.say(f"{record.message}; --force runs it again.")
    else:
        reporter.say(f"{record.message}, in {runs}/{record.run}/ in {record.seconds['total']:.1f} s.")
