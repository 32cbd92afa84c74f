"""`forecast train`: train a model on the series in DATA and write a model folder."""

from time import monotonic
from typing import TYPE_CHECKING, Annotated

from forecaster.cli import options
from forecaster.cli.declaring import expand_groups
from forecaster.cli.learning_options import LearningOptions
from forecaster.data.read_options import ReadOptions
from forecaster.settings import MODEL_FOLDER

if TYPE_CHECKING:
    from forecaster.learning.loop import Progress
    from forecaster.library.inputs import Given
    from forecaster.report.console import Reporter

__all__ = ["train"]


@expand_groups
def train(
    data: options.Data,
    model: options.Model = MODEL_FOLDER,  # type: ignore[assignment]
    horizon: options.Horizon = None,
    season: options.Season = None,
    reading: options.Reading = ReadOptions(),
    until: options.Until = None,
    max_memory: options.MaxMemory = None,
    learning: Annotated[LearningOptions, options.LEARNING] = LearningOptions(),
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Learn from the series in DATA, starting from the base model, and write a model folder.

    Example: forecast train sample_data/air_passengers.csv --horizon 12
    """
    from forecaster.cli.inputs import check_outputs
    from forecaster.cli.signals import SignalFlag
    from forecaster.files import check_folder_writable
    from forecaster.learning.plan import RunControl
    from forecaster.learning.stopping import watch_steps
    from forecaster.library.functions import learn
    from forecaster.machine import keep_freed_memory
    from forecaster.model.folder import CHECKPOINT_FILE
    from forecaster.model.lock import hold_folder
    from forecaster.model.versions import list_files
    from forecaster.report.console import Reporter
    from forecaster.report.scores import show_training, summarise_training

    begun = monotonic()
    plan = learning.make_plan(horizon=horizon, seasons=options.parse_seasons(season))
    reporter = Reporter(quiet=quiet)
    check_folder_writable(model)
    check_outputs(list_files(model), data=[data], flag="--model", as_json=as_json)
    if learning.new_weights_for and not learning.from_scratch:
        reason = "learning starts from scratch, as the base model has another cell or memory"
        reporter.say(f"  {learning.new_weights_for}: {reason}")
    given, reading = _read(tuple(data), reading, until=until, max_memory=max_memory, reporter=reporter)
    keep_freed_memory()
    with hold_folder(model), watch_steps(SignalFlag) as stop_signal, reporter.progress("learning") as show:
        control: RunControl[Progress] = RunControl(
            model / CHECKPOINT_FILE,
            learning.resume,
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
        reporter.emit_json(
            {
                "command": "train",
                "model": str(model),
                "series": len(given.panel),
                "seconds": round(seconds, 3),
                **summarise_training(trained),
                "warnings": given.list_warnings(),
            }
        )


def _read(
    data: tuple[str, ...],
    reading: ReadOptions,
    *,
    until: str | None,
    max_memory: str | None,
    reporter: "Reporter",
) -> "tuple[Given, ReadOptions]":
    """The series to learn from, all of them or a sample that fits `max_memory`, and how to read them again."""
    from forecaster.library.inputs import read_data

    if max_memory is None:
        return read_data(data, reading=reading, until=until, on_remark=reporter.say), reading
    from forecaster.scale.large_input import LargeInput
    from forecaster.scale.sampling import read_sample
    from forecaster.units import parse_size

    size = parse_size(max_memory, flag="--max-memory")
    return read_sample(LargeInput(data, reading, until), max_memory=size, on_remark=reporter.say)
