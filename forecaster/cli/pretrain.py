"""`forecast pretrain`: make a new base model from synthetic series."""

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

from forecaster.cli import options
from forecaster.cli.declaring import option
from forecaster.settings import BASE_SHAPE, PretrainingSettings

if TYPE_CHECKING:
    from forecaster.learning.pretrain import Pretraining

__all__ = ["pretrain"]

SETTINGS = PretrainingSettings()


def pretrain(
    output: Annotated[
        Path,
        option("--output", "-o", help="Folder of the new base model.", heading=options.OUTPUT, unit="FOLDER"),
    ] = Path("base_model"),
    budget: Annotated[
        str | None,
        option(
            "--budget",
            help="Time limit for learning, in seconds, or as 90m, 8h.",
            heading=options.LEARNING,
            unit="TIME",
        ),
    ] = None,
    steps: Annotated[
        int,
        option("--steps", help="Maximum number of learning steps.", heading=options.LEARNING, unit="STEPS", min=1),
    ] = SETTINGS.steps,
    cell: options.Cell = None,
    peepholes: options.Peepholes = None,
    memory_steps: options.MemorySteps = None,
    layers: Annotated[
        int,
        option("--layers", help="Number of LSTM layers.", heading=options.MODEL, unit="NUMBER", min=1, max=8),
    ] = BASE_SHAPE.layers,
    hidden: Annotated[
        int,
        option(
            "--hidden", help="Number of units in each layer.", heading=options.MODEL, unit="NUMBER", min=1, max=1024
        ),
    ] = BASE_SHAPE.hidden,
    batch: Annotated[
        int,
        option(
            "--batch", help="Number of series in each learning step.", heading=options.LEARNING, unit="NUMBER", min=1
        ),
    ] = SETTINGS.batch_size,
    learning_rate: Annotated[
        float,
        option(
            "--learning-rate",
            help="Size of the learning steps, a factor without unit.",
            heading=options.LEARNING,
            unit="FACTOR",
            min=1e-8,
            max=1,
        ),
    ] = SETTINGS.learning_rate,
    score_on: Annotated[
        list[Path] | None,
        option(
            "--score-on",
            help="CSV of real series to score on regularly; not learned from. Can be repeated.",
            heading=options.LEARNING,
            unit="FILE",
        ),
    ] = None,
    from_base: Annotated[
        bool,
        option("--from-base", help="Start from the base model instead of random weights.", heading=options.LEARNING),
    ] = SETTINGS.from_base,
    device: options.Device = SETTINGS.device,
    workers: Annotated[
        int | None,
        option(
            "--workers",
            help="Number of processes that sample synthetic series. Default: 1, with CUDA one for each usable core.",
            heading=options.LEARNING,
            unit="NUMBER",
            min=0,
            max=1024,
        ),
    ] = SETTINGS.workers,
    resume: options.Resume = False,
    seed: Annotated[
        int,
        option(
            "--seed",
            help="Any whole number; the same seed gives the same synthetic series.",
            heading=options.LEARNING,
            unit="NUMBER",
            min=0,
            max=2**63 - 1,
        ),
    ] = SETTINGS.seed,
    quiet: options.Quiet = False,
) -> None:
    """Make a base model from synthetic series; this takes hours, and can be stopped and resumed.

    Example: forecast pretrain --budget 8h --output base_model
    """
    from forecaster.cli.inputs import check_outputs, choose_cell, choose_size
    from forecaster.cli.signals import SignalFlag
    from forecaster.errors import UsageError
    from forecaster.files import check_folder_writable
    from forecaster.library.functions import explain_missing_torch
    from forecaster.library.inputs import read_data
    from forecaster.machine import keep_freed_memory, share_busy_cores
    from forecaster.model.base import write_base
    from forecaster.model.folder import CHECKPOINT_FILE
    from forecaster.model.lock import hold_folder
    from forecaster.model.versions import list_files
    from forecaster.report.console import Reporter
    from forecaster.units import parse_duration

    begun = monotonic()
    shape = choose_cell(BASE_SHAPE, cell=cell, peepholes=peepholes, memory_steps=memory_steps)
    shape = choose_size(shape, layers=layers, hidden=hidden)
    reporter = Reporter(quiet=quiet)
    check_folder_writable(output)
    check_outputs(list_files(output), data=[[str(path)] for path in score_on or []])
    named = {path.name.split(".")[0]: path for path in score_on or []}
    if len(named) < len(score_on or []):
        raise UsageError("--score-on: two files have the same name, so their scores would as well. Rename one.")
    real = {name: read_data(path, on_remark=reporter.say).panel for name, path in named.items()}
    share_busy_cores()
    keep_freed_memory()
    with explain_missing_torch():
        from forecaster.learning.plan import RunControl
        from forecaster.learning.pretrain import make_base
        from forecaster.learning.pretrain import pretrain as learn

    settings = PretrainingSettings(
        steps=steps,
        budget_seconds=parse_duration(budget, flag="--budget") if budget else None,
        batch_size=batch,
        learning_rate=learning_rate,
        workers=workers,
        device=device,
        seed=seed,
        from_base=from_base,
    )
    with hold_folder(output, flag="--output"), SignalFlag() as flag, reporter.progress("learning") as show:
        learned = learn(
            shape=shape,
            settings=settings,
            real=real,
            on_score=lambda now: reporter.log(f"{now.fraction:6.1%}  {_describe(now)}"),
            control=RunControl(
                output / CHECKPOINT_FILE,
                resume,
                on_progress=lambda now: show(now.fraction, _describe(now)),
                stop_signal=flag.read,
            ),
        )
        # a signal that comes now is ignored: writing the model takes less time than learning it again
        card, network, weights = make_base(learned, shape=shape, settings=settings)
        write_base(output, card=card, network=network, weights=weights)
    if learned.scores:
        reporter.say(f"kept: {_describe(learned)}")
    reporter.say(f"{learned.step:,} steps in {monotonic() - begun:.0f} s; the base model is in {output}/.")


def _describe(now: "Pretraining") -> str:
    scores = "".join(f"  {name} {score:.4f}" for name, score in now.scores.items())
    return f"step {now.step}  loss {now.loss:.4f}{scores}"
