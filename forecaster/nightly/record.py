"""The record of a run, as in `run.json`; `docs/run.schema.json` describes it, and both have a version."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from forecaster.data.panel import Panel
from forecaster.nightly.basis import Basis

__all__ = [
    "MAX_NAMED",
    "SCHEMA_VERSION",
    "UNREADABLE",
    "GateResult",
    "InputRecord",
    "MemoryRecord",
    "ModelRecord",
    "Named",
    "PastRun",
    "RunRecord",
    "Status",
    "UncheckedGate",
    "name_series",
]

SCHEMA_VERSION = 1
"""Raised where a field changes or goes, not where one is added."""
MAX_NAMED = 20
UNREADABLE = "unreadable"
"""The status of an earlier run whose record cannot be read."""

Status = Literal["running", "succeeded", "unchanged", "failed", "interrupted"]


@dataclass(frozen=True)
class Named:
    """How many series there are of a kind, and the names of the first ones."""

    count: int = 0
    series: tuple[str, ...] = ()


@dataclass(frozen=True)
class InputRecord:
    """What was read: its names, the files with their sizes and checksums, and what was in them.

    `sha256` is that of all files, of the future and of holidays too. `cutoff` is the newest timestamp with a value.
    `basis` is what the values are, as later runs compare forecasts only with values of the same kind.
    """

    names: tuple[str, ...]
    files: tuple[dict[str, Any], ...] = ()
    sha256: str | None = None
    rows: int | None = None
    series: int | None = None
    cutoff: str | None = None
    age_seconds: float | None = None
    basis: Basis | None = None


@dataclass(frozen=True)
class ModelRecord:
    """The model that forecast: `kind` is "trained" or "base", `reason` says why it was trained or not in this run.

    `was_kept` is whether one that was trained is in its `folder` now, which a failed run leaves as it was.
    """

    kind: Literal["trained", "base"]
    id: str
    folder: str | None = None
    was_trained: bool = False
    reason: str = ""
    age_seconds: float | None = None
    was_kept: bool | None = None


@dataclass(frozen=True)
class GateResult:
    """A gate, what was measured, the limit, and the worst offenders by name; `value` is None where it is undefined."""

    gate: str
    passed: bool
    limit: float
    value: float | None
    message: str
    offenders: tuple[str, ...] = ()


@dataclass(frozen=True)
class UncheckedGate:
    """A gate that was asked for and that the run did not come to, its limit, and the reason."""

    gate: str
    limit: float
    reason: str


@dataclass(frozen=True)
class MemoryRecord:
    """The limit of `--max-memory`, what was estimated, and the most that the process has had."""

    limit_bytes: int
    needed_bytes: int
    peak_bytes: int | None = None


@dataclass
class RunRecord:
    """Everything about one run that an operator may ask for. It is filled in while the run goes on."""

    run: str
    started: str
    version: str
    options: dict[str, Any]
    seed: int
    schema_version: int = SCHEMA_VERSION
    status: Status = "running"
    exit_code: int | None = None
    message: str = ""
    ended: str | None = None
    key: str | None = None
    previous_run: str | None = None
    input: InputRecord | None = None
    memory: MemoryRecord | None = None
    model: ModelRecord | None = None
    horizon: int | None = None
    skill: float | None = None
    verdict: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    series: dict[str, Named] = field(default_factory=dict)
    gates: list[GateResult] = field(default_factory=list)
    unchecked_gates: list[UncheckedGate] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<RunRecord: {self.run}, {self.status}>"

    def as_plain(self) -> dict[str, Any]:
        """The content of `run.json`."""
        return asdict(self)

    def as_json(self) -> str:
        """The text of `run.json`."""
        return json.dumps(self.as_plain(), indent=2, allow_nan=False) + "\n"


@dataclass(frozen=True)
class PastInput:
    """What later runs need to know of the input of an earlier one."""

    basis: Basis | None = None


@dataclass(frozen=True)
class PastModel:
    """What later runs need to know of the model that made the forecasts of an earlier one."""

    id: str | None = None


@dataclass(frozen=True)
class PastRun:
    """What later runs need of the record of an earlier one, by the name of its folder."""

    run: str
    status: str
    exit_code: int = 0
    horizon: int | None = None
    series: dict[str, Named] = field(default_factory=dict)
    input: PastInput | None = None
    model: PastModel | None = None

    @property
    def is_readable(self) -> bool:
        """Whether its record could be read."""
        return self.status != UNREADABLE

    @property
    def is_good(self) -> bool:
        """Whether it succeeded, by its record."""
        return self.status == "succeeded"


def name_series(panel: Panel, numbers: Any) -> Named:
    """The count of the series with these numbers, and the names of the first ones."""
    return Named(len(numbers), tuple(panel.label(int(number)) for number in numbers[:MAX_NAMED]))
