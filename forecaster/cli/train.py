"""`forecast train`: flags in, exit code out."""

from dataclasses import replace
from time import monotonic
from typing import Annotated

import typer

from forecaster.cli import options
from forecaster.data.read_options import ReadOptions
from forecaster.settings import BASE_SHAPE, FINE_TUNING, MODEL_FOLDER, NetworkShape, TrainingSettings

__all__ = ["train"]

SHAPE, SETTINGS = NetworkShape(), TrainingSettings()


@options.expand_groups
def train(
    data: options.Data,
    model: options.Model = MODEL_FOLDER,  # type: ignore[assignment]
    horizon: options.Horizon = None,
    season: options.Season = None,
    reading: ReadOptions = ReadOptions(),
    until: options.Until = None,
    cell: options.Cell = None,
    peepholes: options.Peepholes = None,
    memory_steps: options.MemorySteps = None,
    layers: Annotated[
        int | None,
        typer.Option(
            "--layers", min=1, max=8, help="LSTM layers, with --from-scratch (default: 2).", envvar="FORECAST_LAYERS"
        ),
    ] = None,
    hidden: Annotated[
        int | None,
        typer.Option(
            "--hidden",
            min=1,
            max=1024,
            help="Units in each layer, with --from-scratch (default: 64).",
            envvar="FORECAST_HIDDEN",
        ),
    ] = None,
    dropout: Annotated[
        float,
        typer.Option("--dropout", min=0, max=0.9, help="Share of units left out.", envvar="FORECAST_DROPOUT"),
    ] = SHAPE.dropout,
    context: Annotated[
        int | None,
        typer.Option(
            "--context", min=1, max=4096, help="Steps that the LSTM looks back on.", envvar="FORECAST_CONTEXT"
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            "--steps",
            min=1,
            help="Learning steps at the most, of the first of two stages; by the data if left out.",
            envvar="FORECAST_STEPS",
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", help="Time to learn in at the most: 60s, 5m.", envvar="FORECAST_BUDGET"),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            "--learning-rate",
            min=1e-8,
            max=1,
            help="Size of the first steps (default: 0.001, from scratch 0.003).",
            envvar="FORECAST_LEARNING_RATE",
        ),
    ] = None,
    ensemble: Annotated[
        int,
        typer.Option(
            "--ensemble",
            min=1,
            max=32,
            help="Learnings to average, each with a seed of its own.",
            envvar="FORECAST_ENSEMBLE",
        ),
    ] = SETTINGS.ensemble,
    from_scratch: Annotated[
        bool,
        typer.Option(
            "--from-scratch",
            help="Begin with random weights instead of the base model.",
            envvar="FORECAST_FROM_SCRATCH",
        ),
    ] = False,
    device: options.Device = SETTINGS.device,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a stopped run was.", envvar="FORECAST_RESUME")
    ] = False,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", min=0, max=2**63 - 1, help="The same seed gives the same model.", envvar="FORECAST_SEED"
        ),
    ] = SETTINGS.seed,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Learn from the series in DATA, beginning with the base model, and write a model folder.

    Example: forecast train sample_data/air_passengers.csv --horizon 12
    """
    from forecaster.cli.inputs import check_outputs, choose_shape, explain_missing_torch, parse_duration, read_input
    from forecaster.cli.signals import SignalFlag
    from forecaster.errors import UsageError
    from forecaster.files import check_folder_writable
    from forecaster.machine import keep_freed_memory, leave_no_cache_folder, share_busy_cores
    from forecaster.model.folder import CHECKPOINT_FILE, write_model
    from forecaster.model.lock import hold_folder
    from forecaster.model.versions import list_files
    from forecaster.report.console import Reporter
    from forecaster.report.scores import show_training

    begun = monotonic()
    if learning_rate is not None and not learning_rate <= 1:  # not a number
        raise UsageError(f"--learning-rate {learning_rate}: not a number above 0 and up to 1.")
    # what only new weights can have
    needs_scratch = (
        f"--cell {cell}" if cell not in (None, BASE_SHAPE.cell) else "--memory-steps" if memory_steps else ""
    )
    if ensemble > 1 and (from_scratch or needs_scratch):
        extra = "--from-scratch" if from_scratch else needs_scratch
        raise UsageError(f"--ensemble averages what began with the base model: leave out {extra}.")
    shape = choose_shape(
        SHAPE if from_scratch or needs_scratch else BASE_SHAPE,
        cell=cell,
        peepholes=peepholes,
        memory_steps=memory_steps,
        layers=layers,
        hidden=hidden,
        dropout=dropout,
    )
    reporter = Reporter(quiet=quiet)
    check_folder_writable(model)
    check_outputs(list_files(model), data=[data], flag="--model", as_json=as_json)
    if needs_scratch and not from_scratch:
        reporter.say(f"  {needs_scratch}: learning begins from scratch, as the base model has another memory")
        from_scratch = True
    panel, source = read_input(data, reading=reading, until=until, reporter=reporter)
    settings = replace(
        TrainingSettings() if from_scratch else FINE_TUNING,
        steps=steps,
        budget_seconds=parse_duration(budget) if budget else None,
        ensemble=ensemble,
        device=device,
        seed=seed,
    )
    if learning_rate is not None:
        settings = replace(settings, learning_rate=learning_rate)
    share_busy_cores()
    leave_no_cache_folder()
    keep_freed_memory()
    # torch takes a second to import: not before the input is known to be good
    with explain_missing_torch():
        from forecaster.learning.fit import train as learn
        from forecaster.learning.plan import DataSource, RunControl, TrainingPlan

    plan = TrainingPlan(horizon, options.parse_seasons(season), context, shape, settings, not from_scratch)
    checkpoint = model / CHECKPOINT_FILE
    with hold_folder(model), SignalFlag() as flag, reporter.progress("learning") as show:
        trained = learn(
            panel,
            plan=plan,
            source=DataSource(source, reading.as_plain()),
            control=RunControl(
                checkpoint,
                resume,
                on_progress=lambda now: show(
                    now.fraction, f"loss {now.loss:.3f}  held-out {now.held_out:.3f} (best {now.best:.3f})"
                ),
                stop_signal=flag.read,
            ),
        )
        # a signal that comes now stops nothing: to write the model takes less than to learn it again
        write_model(model, card=trained.card, network=trained.network, weights=trained.weights)
        checkpoint.unlink(missing_ok=True)
    seconds = monotonic() - begun
    show_training(
        trained.card,
        scores=trained.scores,
        calibration=trained.calibration,
        seconds=seconds,
        folder=model,
        reporter=reporter,
    )
    if as_json:
        reporter.emit_json(
            {
                "command": "train",
                "model": str(model),
                "series": len(panel),
                "horizon": trained.card.horizon,
                "steps": trained.card.training["steps_taken"],
                "seconds": round(seconds, 3),
                "scores": trained.card.scores,
            }
        )
