"""`forecast predict --max-memory` and `--engine`: forecast in parts, and report what was written."""

from collections.abc import Callable
from functools import partial
from typing import Any

from forecaster.library.forecast_remarks import SCATTERED, describe_bounded, describe_kind, describe_mean
from forecaster.library.wording import count_things
from forecaster.report.console import Reporter
from forecaster.scale.written import PartsWritten
from forecaster.units import parse_size

__all__ = ["choose_engine", "report_parts"]

NAMED = 3
OF_VALUES = "constant", "unsupported", "short", "count", "lacks_year", "uncorrected", "own_season", "running_total"
OF_ENDS = "behind", "ended", "beyond"


def choose_engine(engine: str | None, *, max_memory: str | None) -> Callable[..., PartsWritten]:
    """What forecasts a large input with so much memory: `predict_in_parts`, or `predict_on_ray`."""
    size = None if max_memory is None else parse_size(max_memory, flag="--max-memory")
    if engine is None and size is not None:
        from forecaster.scale.predicting import predict_in_parts

        return partial(predict_in_parts, max_memory=size)
    from forecaster.scale.on_ray import MEMORY, predict_on_ray

    return partial(predict_on_ray, max_memory=size or MEMORY)


def report_parts(
    written: PartsWritten, *, output: str, seconds: float, has_mean: bool, reporter: Reporter
) -> dict[str, Any]:
    """Report what was written; the summary is that for `--json`."""
    for line in _describe(written):
        reporter.say(line)
    ahead = count_things(written.horizon, "step")
    parts = count_things(written.parts, "part")
    reporter.say(f"{written.series:,} series, {ahead} ahead, written to {output} in {parts} in {seconds:.1f} s.")
    for line in describe_mean(written.mean_factor) if has_mean else []:
        reporter.say(line)
    factor = {"mean_factor": written.mean_factor} if has_mean else {}
    return {**written.as_plain(), **factor, "seconds": round(seconds, 3)}


def _describe(written: PartsWritten) -> list[str]:
    """What is said of a forecast in one go, too."""
    lines = {}
    for kind, (count, labels) in written.kinds.items():
        if count:
            named = "; ".join(labels[:NAMED]) + (" …" if labels and count > NAMED else "")
            lines[kind] = describe_kind(
                kind, count, named, horizon=written.horizon, is_left_out=written.skips_ended, needs=written.needs
            )
    first, last = [[lines[kind] for kind in kinds if kind in lines] for kinds in (OF_VALUES, OF_ENDS)]
    scattered = [SCATTERED] if written.is_scattered else []
    failed = [lines["failed"]] if "failed" in lines else []
    return [*first, *scattered, *last, *written.lines, *describe_bounded(written.bounded), *failed]
