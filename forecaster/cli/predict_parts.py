"""`forecast predict --max-memory` and `--engine`: forecast in parts, and report what was written."""

from time import monotonic
from typing import Any

from forecaster.data.read_options import ReadOptions
from forecaster.library.model import Model
from forecaster.library.remarks import SCATTERED, describe_bounded, describe_kind, describe_mean
from forecaster.library.wording import count_things
from forecaster.report.console import Reporter
from forecaster.scale.part_forecaster import Request
from forecaster.scale.written import PartsWritten

__all__ = ["predict_parts"]

NAMED = 3
OF_VALUES = "constant", "unsupported", "short", "count", "lacks_year", "uncorrected"
OF_ENDS = "behind", "ended", "beyond"


def predict_parts(
    names: tuple[str, ...],
    output: str,
    *,
    engine: str | None,
    max_memory: int | None,
    model: Model,
    request: Request,
    reading: ReadOptions,
    until: str | None,
    reporter: Reporter,
    begun: float,
) -> dict[str, Any]:
    """Forecast and report; the summary is that for `--json`."""
    if engine == "ray":
        from forecaster.scale.on_ray import MEMORY, predict_on_ray

        predict: Any = predict_on_ray
        max_memory = max_memory or MEMORY
    else:
        from forecaster.scale.predicting import predict_in_parts

        predict = predict_in_parts
    written: PartsWritten = predict(
        names,
        output,
        max_memory=max_memory,
        model=model,
        request=request,
        reading=reading,
        until=until,
        on_remark=reporter.say,
    )
    seconds = monotonic() - begun
    for line in _describe(written):
        reporter.say(line)
    ahead = count_things(written.horizon, "step")
    parts = count_things(written.parts, "part")
    reporter.say(f"{written.series:,} series, {ahead} ahead, written to {output} in {parts} in {seconds:.1f} s.")
    for line in describe_mean(written.mean_factor) if request.style.has_mean else []:
        reporter.say(line)
    factor = {"mean_factor": written.mean_factor} if request.style.has_mean else {}
    return {**written.as_plain(), **factor, "seconds": round(seconds, 3)}


def _describe(written: PartsWritten) -> list[str]:
    """What is said of a forecast in one go, too."""
    lines = {}
    for kind, (count, labels) in written.kinds.items():
        if count:
            named = "; ".join(labels[:NAMED]) + (" …" if labels and count > NAMED else "")
            lines[kind] = describe_kind(kind, count, named, horizon=written.horizon, is_left_out=written.skips_ended)
    first, last = [[lines[kind] for kind in kinds if kind in lines] for kinds in (OF_VALUES, OF_ENDS)]
    scattered = [SCATTERED] if written.is_scattered else []
    failed = [lines["failed"]] if "failed" in lines else []
    return [*first, *scattered, *last, *describe_bounded(written.clipped_off_zero), *failed]
