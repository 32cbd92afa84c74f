"""Pictures and reports as Python functions: `plot` and `write_report`, and what the commands share with them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from forecaster.data.checks.findings import Finding
from forecaster.data.read_options import ReadOptions
from forecaster.errors import UsageError
from forecaster.evaluation.backtest import Progress
from forecaster.files import check_writable, write_bytes, write_text
from forecaster.library.effects import explain_effects_of_covariates
from forecaster.library.inputs import Data, Future, Given, Remark, ignore, tell
from forecaster.library.model import Model
from forecaster.library.opening import open_model
from forecaster.library.picture_plan import PicturePlan
from forecaster.library.pictures import PICKS, Picture, Pictures, take_pictures
from forecaster.library.unused import check_unused
from forecaster.limits import check_fields, check_kind, check_steps
from forecaster.report.descriptions import describe_pictures
from forecaster.report.drawing import check_ending, draw, find_undrawn, require_plotting
from forecaster.report.forecast_page import Making, make_report
from forecaster.report.inspection import list_facts
from forecaster.report.looks import LOOKS
from forecaster.report.wording import (
    describe_absent,
    describe_backtest,
    describe_thinning,
    name_unit,
    word_pictures,
)
from forecaster.settings import PLOT_FILE, REPORT_FILE
from forecaster.version import __version__

__all__ = [
    "Drawing",
    "check_page_ending",
    "describe_drawn",
    "describe_now",
    "describe_slow",
    "describe_undrawn",
    "draw_series",
    "find_all",
    "make_page",
    "name_model",
    "plot",
    "write_report",
]

HIDDEN_FACTS = ("quantile levels", "channels, candidates", "made by", "notes")
"""Facts on the model that say nothing to most people who read a report; `forecast inspect` shows them."""
MOST_NAMED = 3
SLOW_CHARTS, MOST_CHARTS = 12, 60
"""Of one PNG or PDF: from how many on it takes more than ten seconds, and how many take minutes, and gigabytes."""
MOST_EFFECTS = 300
"""Series whose effects of covariates are shown: each takes some milliseconds."""


@dataclass(frozen=True)
class Drawing:
    """What is drawn, and how: the options of `forecast plot`.

    series   the ids of those to draw
    picks    which others: "first", "worst", "best"; the first where neither is given
    count    of each pick
    history  steps of it; None for the usual ones
    title, unit  None for the series or the file, and the column of the values
    """

    series: tuple[str, ...] = ()
    picks: tuple[str, ...] = ()
    count: int = 1
    history: int | None = None
    title: str | None = None
    unit: str | None = None
    theme: Literal["light", "dark"] = "light"

    def __post_init__(self) -> None:
        check_steps("count", self.count)
        check_steps("history", self.history)
        check_fields(self)
        for pick in self.picks:
            if pick not in PICKS:
                raise UsageError(f"--pick {pick}: not one of {', '.join(PICKS)}.")

    @property
    def all_picks(self) -> tuple[str, ...]:
        """The picks, also where none is named."""
        return self.picks or (() if self.series else ("first",))

    @property
    def asked(self) -> int:
        """How many series are asked for."""
        return len(set(self.series)) + self.count * len(set(self.all_picks))


def plot(  # noqa: PLR0913 - options of the library
    data: Data,
    output: str | Path = PLOT_FILE,
    *,
    model: Model | str | Path | None = None,
    plan: PicturePlan | None = None,
    drawing: Drawing | None = None,
    reading: ReadOptions | None = None,
    future: Future = None,
    on_remark: Remark | None = ignore,
) -> list[str]:
    """Draw history, forecast, intervals and the last backtest to `output`, a .png, .svg or .pdf file.

    Gives the names of the series that were drawn. `plan` says how they are forecast, `drawing` what is drawn. Raises
    ConfigurationError where Lets-Plot is not installed, UsageError where nothing can be drawn.
    """
    check_ending(str(output))
    check_kind("plan", plan, PicturePlan)
    check_kind("drawing", drawing, Drawing)
    require_plotting()
    check_writable(Path(output))
    opened, drawing = open_model(model), drawing or Drawing()
    given, ending = opened.read(data, reading=reading, future=future, on_remark=on_remark), Path(output).suffix.lower()
    tell(on_remark, describe_slow(given, drawing=drawing, ending=ending))
    pictures = take_pictures(opened, given, plan=replace(plan or PicturePlan(), worth=False))
    chosen, image = draw_series(pictures, given, drawing=drawing, ending=ending)
    write_bytes(Path(output), data=image)
    undrawn = describe_undrawn(chosen, given, drawing=drawing, ending=ending)
    tell(on_remark, [*describe_drawn(pictures, chosen, drawing=drawing), *undrawn])
    return [picture.label for picture in chosen]


def describe_slow(given: Given, *, drawing: Drawing, ending: str) -> list[str]:
    """A line where so many charts as PNG or PDF take long to draw. Raises UsageError where that would take minutes."""
    charts, kind = min(drawing.asked, len(given.panel)), ending.removeprefix(".").upper()
    if ending == ".svg" or charts < SLOW_CHARTS:
        return []
    if charts > MOST_CHARTS:
        raise UsageError(
            f"{charts} charts are too many for one {kind}, which would take minutes and gigabytes of memory: name an "
            f".svg file, which is drawn in seconds, or give a smaller --show, for {MOST_CHARTS} charts at most."
        )
    return [f"{charts} charts as {kind} take tens of seconds to draw; an .svg file takes a few."]


def draw_series(
    pictures: Pictures, given: Given, *, drawing: Drawing, ending: str, on_progress: Progress = lambda *_: None
) -> tuple[list[Picture], bytes]:
    """What is drawn of each series, and the file with the `ending`. Raises UsageError where there is nothing."""
    numbers = pictures.choose(named=drawing.series, picks=drawing.all_picks, count=drawing.count)
    chosen = pictures.take_all(numbers, history=drawing.history)
    if not chosen:
        raise UsageError("There is nothing to draw: no series has a forecast. 'forecast check' shows why.")
    on_progress(0.7, f"{len(chosen)} series")
    wording = word_pictures(pictures, chosen, given=given, title=drawing.title, unit=drawing.unit)
    description = describe_pictures(
        chosen, levels=pictures.levels, look=LOOKS[drawing.theme], has_dates=pictures.has_dates, wording=wording
    )
    return chosen, draw(description, ending=ending)


def describe_drawn(pictures: Pictures, chosen: Sequence[Picture], *, drawing: Drawing) -> list[str]:
    """Lines on what is not drawn of that which was asked for: series, a backtest, steps of the history."""
    is_ranked = not {"worst", "best"}.isdisjoint(drawing.all_picks)
    absent = describe_absent(pictures, chosen, asked=drawing.asked, is_ranked=is_ranked)
    return [*absent, *describe_backtest(pictures), *describe_thinning(chosen)]


def describe_undrawn(chosen: Sequence[Picture], given: Given, *, drawing: Drawing, ending: str) -> list[str]:
    """A line where PNG or PDF leave letters of a name out, as no font has them; SVG has text, which they stay."""
    if ending == ".svg":
        return []
    around = [drawing.title or Path(given.name).name, name_unit(given) if drawing.unit is None else drawing.unit]
    names = [picture.label for picture in chosen] + around
    missing = find_undrawn("".join(names))
    cut = [name for name in dict.fromkeys(names) if set(name) & set(missing)]
    if not cut:
        return []
    named = "; ".join(cut[:MOST_NAMED]) + (" …" if len(cut) > MOST_NAMED else "")
    return [
        f"No font of this machine has all letters of {named}: they are left out. Name an .svg file, which keeps them."
    ]


def check_page_ending(output: str) -> None:
    """Raise UsageError where `output` is not named as a page."""
    if not output.lower().endswith((".html", ".htm")):
        raise UsageError(f"--output {output}: the report is HTML. Name a file that ends in .html.")


def write_report(  # noqa: PLR0913 - options of the library
    data: Data,
    output: str | Path = REPORT_FILE,
    *,
    model: Model | str | Path | None = None,
    plan: PicturePlan | None = None,
    drawing: Drawing | None = None,
    reading: ReadOptions | None = None,
    future: Future = None,
    on_remark: Remark | None = ignore,
) -> None:
    """Write one HTML file on the forecasts of all series: how good they are, and a chart of each.

    `plan` says how they are forecast; of `drawing`, `history`, `title` and `unit` count. Raises ConfigurationError
    where Lets-Plot is not installed.
    """
    check_page_ending(str(output))
    check_kind("plan", plan, PicturePlan)
    check_kind("drawing", drawing, Drawing)
    require_plotting()
    check_writable(Path(output))
    opened, plan, drawing = open_model(model), plan or PicturePlan(), drawing or Drawing()
    given = opened.read(data, reading=reading, future=future, on_remark=on_remark)
    pictures = take_pictures(opened, given, plan=plan)
    making = Making(
        describe_now(),
        "",
        name_model(opened, model if isinstance(model, str | Path) else None),
        (),
        find_all(opened, given, reading=reading or ReadOptions()),
        history=drawing.history,
        title=drawing.title,
        unit=drawing.unit,
    )
    write_text(Path(output), text=make_page(opened, given, pictures, plan=plan, making=making))
    tell(on_remark, describe_backtest(pictures))


def make_page(
    model: Model,
    given: Given,
    pictures: Pictures,
    *,
    plan: PicturePlan,
    making: Making,
    on_progress: Progress = lambda *_: None,
) -> str:
    """The page, with what is in the `model` among the settings of `making`, and with the effects of covariates."""
    on_progress(0.7, "what covariates add")
    effects = explain_effects_of_covariates(model, given, pictures, plan=plan, most=MOST_EFFECTS)
    on_progress(0.8, "writing the page")
    facts = list_facts(model.card, parameters=sum(values.size for values in model.weights.values()))
    settings = [*making.settings, *((name, value) for name, value in facts if name not in HIDDEN_FACTS)]
    return make_report(pictures, given, making=replace(making, settings=settings, effects=effects))


def find_all(model: Model, given: Given, *, reading: ReadOptions, until: str | None = None) -> tuple[Finding, ...]:
    """The findings of `forecast check` on data that were read for the `model`."""
    read_by = reading if model.is_base else reading.over(model.trained_card.source.read_options)
    return (*given.findings, *check_unused(given, reading=read_by, until=until))


def describe_now() -> str:
    """The time, for people."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def name_model(model: Model, folder: str | Path | None) -> str:
    """The program and the model in words, which may be in a `folder`."""
    named = (
        "the base model" if model.is_base else f"the model in {folder}/" if folder is not None else "a trained model"
    )
    return f"forecast {__version__} and {named}"
