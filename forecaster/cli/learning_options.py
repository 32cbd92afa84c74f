"""The options of `forecast train` for its network and its learning, and the plan that they make."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from forecaster.cli import options
from forecaster.cli.declaring import option
from forecaster.errors import UsageError
from forecaster.settings import BASE_SHAPE, FINE_TUNING, NetworkShape, TrainingSettings

if TYPE_CHECKING:
    from forecaster.learning.plan import TrainingPlan

__all__ = ["LearningOptions"]

SHAPE, SETTINGS = NetworkShape(), TrainingSettings()


@dataclass(frozen=True)
class LearningOptions:
    """What is learned and how, each option declared once; None where the plan, or the network, has its own value."""

    cell: options.Cell = None
    peepholes: options.Peepholes = None
    memory_steps: options.MemorySteps = None
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
    ] = None
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
    ] = None
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
    ] = SHAPE.dropout
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
    ] = None
    steps: Annotated[
        int | None,
        option(
            "--steps",
            help="Maximum learning steps; from scratch, of the first of two stages (default: from the amount of data).",
            heading=options.LEARNING,
            unit="STEPS",
            min=1,
        ),
    ] = None
    budget: options.Budget = None
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
    ] = None
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
    ] = SETTINGS.ensemble
    from_scratch: Annotated[
        bool,
        option("--from-scratch", help="Start from random weights instead of the base model.", heading=options.LEARNING),
    ] = False
    keep_covariates: Annotated[
        bool,
        option(
            "--keep-covariates",
            help="Learn with the columns of --known and --past that make forecasts worse, too (default: left out).",
            heading=options.LEARNING,
        ),
    ] = False
    no_shared_year: Annotated[
        bool,
        option(
            "--no-shared-year",
            help="Do not look for what all series do at the same time of each year, such as before Christmas.",
            heading=options.LEARNING,
        ),
    ] = False
    no_correction: Annotated[
        bool,
        option(
            "--no-correction",
            help="Do not learn to foresee the errors that are left from the newest steps of all series.",
            heading=options.LEARNING,
        ),
    ] = False
    device: options.Device = SETTINGS.device
    resume: options.Resume = False
    seed: options.Seed = SETTINGS.seed

    def __post_init__(self) -> None:
        if self.learning_rate is not None and not self.learning_rate <= 1:  # not a number
            raise UsageError(f"--learning-rate {self.learning_rate}: not a number above 0 and up to 1.")
        if self.ensemble > 1 and self.is_from_scratch:
            extra = "--from-scratch" if self.from_scratch else self.new_weights_for
            raise UsageError(f"--ensemble averages models that start from the base model: leave out {extra}.")

    @property
    def new_weights_for(self) -> str:
        """The option that the weights of the base model do not fit, empty where they fit all of them."""
        if self.cell not in (None, BASE_SHAPE.cell):
            return f"--cell {self.cell}"
        return "--memory-steps" if self.memory_steps else ""

    @property
    def is_from_scratch(self) -> bool:
        """Whether learning starts from random weights."""
        return self.from_scratch or bool(self.new_weights_for)

    def choose_shape(self) -> NetworkShape:
        """The network that is asked for. Raises UsageError for an unknown cell, or an option that does not fit it."""
        from forecaster.cli.inputs import choose_cell, choose_size

        usual = SHAPE if self.is_from_scratch else BASE_SHAPE
        shape = choose_cell(usual, cell=self.cell, peepholes=self.peepholes, memory_steps=self.memory_steps)
        return choose_size(shape, layers=self.layers, hidden=self.hidden, dropout=self.dropout)

    def make_plan(self, *, horizon: int | None, seasons: tuple[int, ...]) -> "TrainingPlan":
        """The plan of the training. Raises UsageError for values that do not fit together."""
        from forecaster.learning.plan import TrainingPlan
        from forecaster.units import parse_duration

        usual = TrainingSettings() if self.is_from_scratch else FINE_TUNING
        settings = replace(
            usual,
            steps=self.steps,
            budget_seconds=parse_duration(self.budget, flag="--budget") if self.budget else None,
            learning_rate=usual.learning_rate if self.learning_rate is None else self.learning_rate,
            ensemble=self.ensemble,
            device=self.device,
            seed=self.seed,
        )
        return TrainingPlan(
            horizon=horizon,
            seasons=seasons,
            context_length=self.context,
            shape=self.choose_shape(),
            settings=settings,
            from_base=not self.is_from_scratch,
            keeps_covariates=self.keep_covariates,
            finds_shared_year=not self.no_shared_year,
            corrects_errors=not self.no_correction,
        )
