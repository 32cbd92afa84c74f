"""Forecast Parquet folders on several machines with Ray Data, which only this module imports."""

import logging
import os
import pickle
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from forecaster.data.files.parquet import UNNAMED
from forecaster.errors import BusyError, ConfigurationError, DataError, ForecastError, NotFoundError, UsageError
from forecaster.forecasting.origins import find_origins
from forecaster.library.inputs import Remark, ignore
from forecaster.library.model import Model
from forecaster.scale.broken_files import find_broken_file
from forecaster.scale.folder import check_new_folder, open_work_folder, publish
from forecaster.scale.large_input import LargeInput
from forecaster.scale.part_forecaster import PartForecaster, Request
from forecaster.scale.planning import PartSurveyor, Plan, plan_parts
from forecaster.scale.predicting import check_memory, count_part_rows
from forecaster.scale.roles import HEAD_ROWS, merge_options, name_roles
from forecaster.scale.survey import PartReader, Survey
from forecaster.scale.written import PartsWritten

__all__ = ["MEMORY", "add_parts", "predict_on_ray"]

MEMORY = 2_000_000_000
"""Bytes that a task may take where nothing else is said."""
PART = "part of forecast"
DONE = "_SUCCESS"
"""The file that says that a folder on object storage is complete."""
PICKLED = "pickled"
ATTEMPTS, MOST_TASKS = 3, 1000
PATIENCE = 20.0
"""Seconds to wait for the answer of a cluster."""
Result = TypeVar("Result")


def predict_on_ray(
    large: LargeInput,
    output: str,
    *,
    max_memory: int = MEMORY,
    model: Model,
    request: Request,
    on_remark: Remark = ignore,
) -> PartsWritten:
    """Forecast all series of Parquet files or folders, local or such as s3://, and write `output`.

    Uses the Ray cluster that RAY_ADDRESS names or this process is connected to, else one on this machine, which takes a
    task again whose worker is lost. A local `output` appears when all parts are complete; on object storage the file
    `_SUCCESS` says so. Raises what `predict_in_parts` raises; ConfigurationError where Ray cannot start.
    """
    check_memory(max_memory)
    merged = merge_options(large.reading, model=model)
    if large.future is not None:
        raise UsageError(
            "--future: Ray reads one set of files. Write what is known ahead below the data, in more files."
        )
    if merged.duplicates in ("first", "last"):
        raise UsageError(f"--duplicates {merged.duplicates}: Ray keeps no order of rows. Use sum or mean.")
    ray, name = _start_ray(), large.name
    with _Folder(output) as folder:
        with _explain(ray, large):  # within, as the folder takes an OSError for one of its own
            rows = _read(ray, large.data)
            head = rows.limit(HEAD_ROWS).to_pandas()
            head = head[[column for column in head if not str(column).startswith(UNNAMED)]]
            roles = name_roles(head, name=name, reading=merged)
            count = max(1, -(-rows.count() // count_part_rows(max_memory, roles.features, cores=1)))
            divide = partial(add_parts, ids=roles.ids, count=count)
            divided = rows.select_columns([*roles.columns]).map_batches(divide, batch_format="pandas")
            groups = divided.groupby(PART, num_partitions=min(count, MOST_TASKS))
            surveyor = PartSurveyor(PartReader(name, roles.reading, large.until), model, request)
            plan = plan_parts(lambda one: _retry(ray, lambda: _survey(groups, one)), surveyor, on_remark=on_remark)
            forecasts = groups.map_groups(partial(_forecast_group, forecaster=plan.forecaster), batch_format="pandas")
            _retry(ray, lambda: forecasts.write_parquet(folder.begin()))
            written = _count(plan)
            _check_written(ray, folder.place, written, name=name)
        folder.finish()
    return written


def add_parts(frame: pd.DataFrame, *, ids: Sequence[str], count: int) -> pd.DataFrame:
    """`frame` with the column that says which of `count` parts each row belongs to, by a hash of its `ids`."""
    texts = frame[[*ids]].astype(str)
    hashes = pd.util.hash_pandas_object(texts, index=False).to_numpy()
    return frame.assign(**{PART: (hashes % np.uint64(count)).astype(np.int64)})


def _survey(groups: Any, surveyor: PartSurveyor) -> list[Survey]:
    found = groups.map_groups(partial(_survey_group, surveyor=surveyor), batch_format="pandas").take_all()
    return [pickle.loads(row[PICKLED]) for row in sorted(found, key=lambda row: int(row[PART]))]


def _survey_group(frame: pd.DataFrame, *, surveyor: PartSurveyor) -> pd.DataFrame:
    found = surveyor(_restore_order(frame))
    return pd.DataFrame({PART: frame[PART].iloc[:1].to_numpy(), PICKLED: [pickle.dumps(found)]})


def _forecast_group(frame: pd.DataFrame, *, forecaster: PartForecaster) -> pd.DataFrame:
    return forecaster(_restore_order(frame))


def _restore_order(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a part, without the column that says so, in an order that does not depend on who read them first."""
    rows = frame.drop(columns=PART)
    return rows.sort_values([*rows], kind="stable", ignore_index=True)


def _start_ray() -> Any:
    try:
        import ray  # noqa: PLC0415 - optional, and only for several machines
        import ray.data  # noqa: PLC0415
    except ImportError as error:
        raise ConfigurationError(
            "--engine ray needs Ray, which is not installed. Install it with: pip install 'forecast-lstm[ray]'"
        ) from error
    try:
        if not ray.is_initialized():
            address = os.environ.get("RAY_ADDRESS", "")
            _check_address(address)
            # of itself it would look for minutes for a cluster that was on this machine before, and has ended
            ray.init(address=address or "local", logging_level="ERROR", log_to_driver=False)
    except Exception as error:  # whatever keeps its processes from starting
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        # that the token is missing is said by Ray in its log alone
        asks = type(error) is ConnectionError and "RAY_AUTH_MODE" not in os.environ
        token = (
            " Where that cluster asks for a token, as those of Ray 2.60 do, set RAY_AUTH_MODE=token." if asks else ""
        )
        raise ConfigurationError(
            f"Ray cannot start ({reason}). Set RAY_ADDRESS to the address of a running cluster, or unset it to start "
            f"one on this machine; without Ray, leave --engine out.{token}"
        ) from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    # it would show where in Ray an error comes from, above the one that says what is wrong
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    # newer readers list the files in actors, which end with their node and are not started again
    context.use_datasource_v2 = False
    # what gathers the parts would keep a share of a core, and a machine with one core never has a whole one for a task
    context.hash_shuffle_operator_actor_num_cpus_override = 0
    return ray


def _check_address(address: str) -> None:
    """Raise OSError where an address with a port, such as that of a cluster, does not answer.

    Ray itself tries for more than eight minutes.
    """
    place = urlsplit(address if "://" in address else f"//{address}")
    if place.scheme in ("", "ray") and place.hostname and place.port:
        try:
            socket.create_connection((place.hostname, place.port), timeout=PATIENCE).close()
        except OSError as error:
            raise OSError(f"{address} does not answer: {str(error.strerror or error).lower()}") from error


def _read(ray: Any, data: Sequence[str]) -> Any:
    for place in data:
        if "://" not in place and not Path(place).exists():
            raise NotFoundError(f"{place}: no such file or folder. Check the spelling, or that it is mounted.")
    from pyarrow.dataset import ParquetFragmentScanOptions  # noqa: PLC0415 - a dependency of Ray Data

    # in files that have them, as those of Spark
    checked = ParquetFragmentScanOptions(page_checksum_verification=True)
    return ray.data.read_parquet([*data], fragment_scan_options=checked)


@contextmanager
def _explain(ray: Any, large: LargeInput) -> Iterator[None]:
    """Raise a ForecastError for any error of Ray, of pyarrow, or of the object storage, and that of a task where it
    raised one.
    """
    try:
        yield
    except ForecastError:
        raise
    except Exception as error:
        raise _explain_error(error, ray=ray, large=large) from error


def _explain_error(error: BaseException, *, ray: Any, large: LargeInput) -> ForecastError:
    name = large.name
    own = next((cause for cause in _list_causes(error) if isinstance(cause, ForecastError)), None)
    if own is not None:
        return own
    *_, first = _list_causes(error)
    lines = [line.strip() for line in str(first).splitlines() if line.strip()] or [type(first).__name__]
    # an error of Ray shows where it comes from before it, and adds to one of a task how often it was tried
    reason = lines[-1 if type(first).__module__.startswith("ray.") else 0]
    if "No space left" in str(error) or "OutOfDisk" in str(error) or "out of memory" in str(error).lower():
        return BusyError(
            f"{name}: Ray has no room left ({reason}). Add machines or disk space, or give less --max-memory."
        )
    # what Ray says of its own machines is of no file
    broken = None if type(first).__module__ == "ray.exceptions" else find_broken_file(ray, large.data)
    return broken or DataError(
        f"{name}: cannot be read and forecast by Ray ({reason}). All files need to be complete Parquet files with the "
        "same columns and types."
    )


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and those that it comes from, as Ray and Python keep them."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        inner = getattr(cause, "cause", None)
        cause = inner if isinstance(inner, BaseException) and inner is not cause else cause.__cause__


def _retry(ray: Any, work: Callable[[], Result]) -> Result:
    """The result of `work`, which is done again where a node is lost that Ray does not make up for by itself."""
    lost = (ray.exceptions.RayActorError, ray.exceptions.NodeDiedError, ray.exceptions.ObjectLostError)
    for _ in range(ATTEMPTS - 1):
        try:
            return work()
        except Exception as error:
            if not any(isinstance(cause, lost) for cause in _list_causes(error)):
                raise
    return work()


class _Folder:
    """The folder `output`, local or on object storage, which is complete when `finish` was called."""

    def __init__(self, output: str) -> None:
        self._output, self._resources = output, ExitStack()
        self.place = output

    def __enter__(self) -> Self:
        if "://" not in self._output:
            check_new_folder(Path(self._output))
            self._work = self._resources.enter_context(open_work_folder(Path(self._output)))
        else:
            import fsspec  # noqa: PLC0415 - a dependency of Ray Data

            self._files, self._path = fsspec.core.url_to_fs(self._output)
            if self._files.exists(self._path) and self._files.ls(self._path):
                raise UsageError(
                    f"--output {self._output}: the folder is not empty, and the parts of two runs would be read as "
                    "one. Name another."
                )
        return self

    def __exit__(self, *error: Any) -> None:
        self._resources.__exit__(*error)

    def begin(self) -> str:
        """An empty folder to write all parts to; what an earlier attempt wrote does not count."""
        if "://" not in self._output:
            self.place = tempfile.mkdtemp(dir=self._work)
        elif self._files.exists(self._path):
            self._files.rm(self._path, recursive=True)
        return self.place

    def finish(self) -> None:
        """Make what was written the output."""
        if "://" not in self._output:
            publish(Path(self.place), Path(self._output))
        else:
            self._files.pipe_file(f"{self._path.rstrip('/')}/{DONE}", b"")


def _count(plan: Plan) -> PartsWritten:
    """The summary of the forecasts that are to be written, by the starts and lengths of all series."""
    forecaster, whole, skeleton = plan.forecaster, plan.whole, plan.whole.skeleton
    origins = find_origins(
        skeleton, horizon=forecaster.horizon, options=forecaster.request.plan.ends, common_end=forecaster.common_end
    )
    written = PartsWritten.by(forecaster)
    written.series = len(origins.index)
    kinds = {
        "failed": np.flatnonzero(whole.lengths == 0),
        "behind": origins.behind,
        "ended": origins.ended,
        "beyond": origins.beyond,
    }
    written.kinds = {kind: (len(numbers), []) for kind, numbers in kinds.items()}
    return written


def _check_written(ray: Any, folder: str, written: PartsWritten, *, name: str) -> None:
    """Raise DataError unless all forecasts are there, whatever workers were lost."""
    files = ray.data.read_parquet(folder)
    written.parts, rows = len(files.input_files()), files.count()
    wanted = written.series * written.horizon
    if rows != wanted or not wanted:
        raise DataError(
            f"{name}: {rows:,} forecasts were written, of {wanted:,} for {written.series:,} series. Run it again."
        )
