"""`forecast train`: train a model on the series in DATA and write a model folder."""

from dataclasses import asdict, replace
from time import monotonic
from typing import TYPE_CHECKING, Annotated

from forecaster.cli import options
from forecaster.cli.declaring import expand_groups, option
from forecaster.data.read_options import ReadOptions
from forecaster.settings import BASE_SHAPE, FINE_TUNING, MODEL_FOLDER, NetworkShape, TrainingSettings

if TYPE_CHECKING:
    from forecaster.learning.loop import Progress

__all__ = ["train"]

SHAPE, SETTINGS = NetworkShape(), TrainingSettings()


@expand_groups
def train(
    data: options.Data,
    model: options.Model = MODEL_FOLDER,  # type: ignore[assignment]
    horizon: options.Horizon = None,
    season: options.Season = None,
    reading: options.Reading = ReadOptions(),
    until: options.Until = None,
    max_memory: options.MaxMemory = None,
    cell: options.Cell = None,
    peepholes: options.Peepholes = None,
    memory_steps: options.MemorySteps = None,
    layers: Annotated[
        int | None,
        option(
            "--layers",
            help="Number of LSTM layers, with --from-scratch (default: 2).",
            heading=options.MODEL,
            unit="NUMBER",
            min=1,
            max=8,
        ),
    ] = None,
    hidden: Annotated[
        int | None,
        option(
            "--hidden",
            help="Number of units in each layer, with --from-scratch (default: 64).",
            heading=options.MODEL,
            unit="NUMBER",
            min=1,
            max=1024,
        ),
    ] = None,
    dropout: Annotated[
        float,
        option(
            "--dropout",
            help="Share of hidden units dropped while learning.",
            heading=options.MODEL,
            unit="SHARE",
            min=0,
            max=0.9,
        ),
    ] = SHAPE.dropout,
    context: Annotated[
        int | None,
        option(
            "--context",
            help="Past steps that the LSTM sees (default: from the main season).",
            heading=options.MODEL,
            unit="STEPS",
            min=1,
            max=4096,
        ),
    ] = None,
    steps: Annotated[
        int | None,
        option(
            "--steps",
            help="Maximum learning steps; from scratch, of the first of two stages (default: from the amount of data).",
            heading=options.LEARNING,
            unit="STEPS",
            min=1,
        ),
    ] = None,
    budget: options.Budget = None,
    learning_rate: Annotated[
        float | None,
        option(
            "--learning-rate",
            help="Size of the first learning steps, a factor without unit (default: 0.002, from scratch 0.003).",
            heading=options.LEARNING,
            unit="FACTOR",
            min=1e-8,
            max=1,
        ),
    ] = None,
    ensemble: Annotated[
        int,
        option(
            "--ensemble",
            help="Number of trainings to average, each with its own seed.",
            heading=options.LEARNING,
            unit="NUMBER",
            min=1,
            max=32,
        ),
    ] = SETTINGS.ensemble,
    from_scratch: Annotated[
        bool,
        option("--from-scratch", help="Start from random weights instead of the base model.", heading=options.LEARNING),
    ] = False,
    keep_covariates: Annotated[
        bool,
        option(
            "--keep-covariates",
            help="Learn with the columns of --known and --past that make forecasts worse, too (default: left out).",
            heading=options.LEARNING,
        ),
    ] = False,
    no_shared_year: Annotated[
        bool,
        option(
            "--no-shared-year",
            help="Do not look for what all series do at the same time of each year, such as before Christmas.",
            heading=options.LEARNING,
        ),
    ] = False,
    no_correction: Annotated[
        bool,
        option(
            "--no-correction",
            help="Do not learn to foresee the errors that are left from the newest steps of all series.",
            heading=options.LEARNING,
        ),
    ] = False,
    device: options.Device = SETTINGS.device,
    resume: options.Resume = False,
    seed: options.Seed = SETTINGS.seed,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Learn from the series in DATA, starting from the base model, and write a model folder.

    Example: forecast train sample_data/air_passengers.csv --horizon 12
    """
    from forecaster.cli.inputs import check_outputs, choose_cell, choose_size
    from forecaster.cli.signals import SignalFlag
    from forecaster.errors import UsageError
    from forecaster.files import check_folder_writable
    from forecaster.learning.plan import RunControl, TrainingPlan
    from forecaster.learning.stopping import watch_steps
    from forecaster.library.functions import learn
    from forecaster.library.inputs import read_data
    from forecaster.machine import keep_freed_memory
    from forecaster.model.folder import CHECKPOINT_FILE
    from forecaster.model.lock import hold_folder
    from forecaster.model.versions import list_files
    from forecaster.report.console import Reporter
    from forecaster.report.scores import show_training
    from forecaster.units import parse_duration, parse_size

    begun = monotonic()
    if learning_rate is not None and not learning_rate <= 1:  # not a number
        raise UsageError(f"--learning-rate {learning_rate}: not a number above 0 and up to 1.")
    # options that need new weights
    needs_scratch = (
        f"--cell {cell}" if cell not in (None, BASE_SHAPE.cell) else "--memory-steps" if memory_steps else ""
    )
    if ensemble > 1 and (from_scratch or needs_scratch):
        extra = "--from-scratch" if from_scratch else needs_scratch
        raise UsageError(f"--ensemble averages models that start from the base model: leave out {extra}.")
    usual = SHAPE if from_scratch or needs_scratch else BASE_SHAPE
    shape = choose_cell(usual, cell=cell, peepholes=peepholes, memory_steps=memory_steps)
    shape = choose_size(shape, layers=layers, hidden=hidden, dropout=dropout)
    reporter = Reporter(quiet=quiet)
    check_folder_writable(model)
    check_outputs(list_files(model), data=[data], flag="--model", as_json=as_json)
    if needs_scratch and not from_scratch:
        reporter.say(f"  {needs_scratch}: learning starts from scratch, as the base model has another cell or memory")
        from_scratch = True
    if max_memory is None:
        given = read_data(data, reading=reading, until=until, on_remark=reporter.say)
    else:
        from forecaster.scale.large_input import LargeInput
        from forecaster.scale.sampling import read_sample

        size, large = parse_size(max_memory, flag="--max-memory"), LargeInput(tuple(data), reading, until)
        given, reading = read_sample(large, max_memory=size, on_remark=reporter.say)
    settings = replace(
        TrainingSettings() if from_scratch else FINE_TUNING,
        steps=steps,
        budget_seconds=parse_duration(budget, flag="--budget") if budget else None,
        ensemble=ensemble,
        device=device,
        seed=seed,
    )
    if learning_rate is not None:
        settings = replace(settings, learning_rate=learning_rate)
    keep_freed_memory()
    plan = TrainingPlan(
        horizon,
        options.parse_seasons(season),
        context,
        shape,
        settings,
        not from_scratch,
        keep_covariates,
        not no_shared_year,
        not no_correction,
    )
    with hold_folder(model), watch_steps(SignalFlag) as stop_signal, reporter.progress("learning") as show:
        control: RunControl[Progress] = RunControl(
            model / CHECKPOINT_FILE,
            resume,
            on_progress=lambda now: show(
                now.fraction, f"loss {now.loss:.3f}  held-out {now.held_out:.3f} (best {now.best:.3f})"
            ),
            stop_signal=stop_signal,
        )
        trained = learn(given, plan=plan, reading=reading, control=control)
        # a signal that comes now is ignored: writing the model takes less time than learning it again
        trained.write_into(model)
        (model / CHECKPOINT_FILE).unlink(missing_ok=True)
    seconds = monotonic() - begun
    show_training(trained, seconds=seconds, folder=model, reporter=reporter)
    if as_json:
        card, worth = trained.trained_card, trained.worth
        covariates = {} if worth is None else {"covariates": {**worth.as_plain(), "left_out": [*trained.left_out]}}
        reporter.emit_json(
            {
                "command": "train",
                "model": str(model),
                "series": len(given.panel),
                "horizon": card.horizon,
                "steps": card.training.steps_taken,
                "seconds": round(seconds, 3),
                "scores": {name: scores.as_plain() for name, scores in card.scores.items()},
                "shared_year": None if card.shared_year is None else card.shared_year.as_plain(),
                "correction": None if card.correction is None else card.correction.as_plain(),
                "unread_windows": card.training.unread_windows,
                "kept": None if card.training.kept is None else asdict(card.training.kept),
                **covariates,
                **({} if trained.sharing is None else {"shared_effects": trained.sharing.as_plain()}),
                "warnings": given.list_warnings(),
            }
        )
