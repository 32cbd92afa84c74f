"""The zone of the times of a frame, and the times of forecasts in the type that they have in a frame."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from forecaster.data.times.offsets import find_offsets
from forecaster.errors import DataError

__all__ = ["find_periods", "find_zone", "is_zone", "refuse_some_zones", "restore_times"]


def is_zone(name: str) -> bool:
    """Whether pandas knows a time zone by this name, which some of `dateutil` have not."""
    try:
        pd.Timestamp(0, tz=name)
    except (LookupError, ValueError, OSError):
        return False
    return True


def find_zone(cells: "pd.Series[Any]") -> Any:
    """The zone of a column of times, a name or an object of its own; None where it has none, or several."""
    if isinstance(cells.dtype, pd.ArrowDtype):
        return getattr(cells.dtype.pyarrow_dtype, "tz", None)
    if cells.dtype != object:
        return getattr(cells.dtype, "tz", None)
    # one zone has several objects with some libraries, one for each of its offsets
    zones = {str(zone): zone for zone in _list_zones(cells)}
    return next(iter(zones.values())) if len(zones) == 1 else None


def refuse_some_zones(cells: "pd.Series[Any]", *, locate: Callable[[int], str]) -> None:
    """Raise DataError where some of the times have a zone and others have none: `locate` says where a row is."""
    zones = _list_zones(cells) if cells.dtype == object else []
    has_zone = np.array([zone is not None for zone in zones], bool)
    if has_zone.any() and not has_zone.all():
        is_rare = has_zone if 2 * has_zone.sum() <= len(has_zone) else ~has_zone
        row = int(np.flatnonzero(cells.notna())[np.argmax(is_rare)])
        words = (
            "has a zone, and others have none" if has_zone[np.argmax(is_rare)] else "has no zone, and others have one"
        )
        raise DataError(f"{locate(row)}: the time {cells.iloc[row]} {words}. Give all a zone, or none.")


def _list_zones(cells: "pd.Series[Any]") -> list[Any]:
    """The zone of each time among cells of any type, None for those without; of nothing but times."""
    filled = cells.dropna()
    is_time = pd.api.types.infer_dtype(filled, skipna=True) == "datetime"
    return [cell.tzinfo for cell in filled] if is_time else []


def restore_times(written: "pd.Series[Any]", *, like: "pd.Series[Any]") -> "pd.Series[Any]":
    """The times of a table of forecasts, `written` as text or numbers, in the type of a column of the frame.

    Categories, which have no later times, give the type of theirs.
    """
    if isinstance(like.dtype, pd.CategoricalDtype):
        return restore_times(written, like=pd.Series(like.cat.categories))
    kind = pd.api.types.infer_dtype(like, skipna=True)
    if isinstance(like.dtype, pd.PeriodDtype):
        periods = pd.PeriodIndex(written, dtype=like.dtype)
        # steps finer than the periods stay apart as timestamps
        return pd.Series(periods) if periods.nunique() == written.nunique() else pd.to_datetime(written)
    if not kind.startswith("date"):
        if pd.api.types.is_integer_dtype(like.dtype) and pd.api.types.is_integer_dtype(written.dtype):
            # a count may grow beyond what its type holds
            size = getattr(like.dtype, "numpy_dtype", like.dtype)
            fits = written.between(np.iinfo(size).min, np.iinfo(size).max).all()
            return written.astype(like.dtype) if fits else written
        if pd.api.types.is_numeric_dtype(like.dtype):
            is_number = pd.to_numeric(written, errors="coerce").notna().all()
            return written.astype(like.dtype) if is_number else written
        # years written as text are read as numbers
        return _take_text_type(written.astype(str), like.dtype) if kind == "string" else written
    zone = find_zone(like)
    times = _read_written(written, is_utc=zone is not None and bool(find_offsets(written).any()))
    if times.dt.tz is not None:
        times = times.dt.tz_convert(zone)
    elif zone is not None:
        times = times.dt.tz_localize(zone, ambiguous=np.ones(len(times), bool), nonexistent="shift_forward")
    if kind == "date":
        dates = pd.Series(times.dt.date, dtype=object)
        return dates.astype(like.dtype) if isinstance(like.dtype, pd.ArrowDtype) else dates
    if kind != "datetime":
        return _take_type(times, like.dtype)
    is_plain = not isinstance(like.dropna().iloc[0], pd.Timestamp)
    return pd.Series(pd.DatetimeIndex(times).to_pydatetime() if is_plain else list(times), dtype=object)


def _read_written(written: "pd.Series[Any]", *, is_utc: bool) -> "pd.Series[Any]":
    """The times of ISO 8601, in microseconds where nanoseconds do not reach: before 1678 or after 2261."""
    try:
        return pd.to_datetime(written, format="ISO8601", utc=is_utc)
    except pd.errors.OutOfBoundsDatetime:
        moments = [datetime.fromisoformat(text) for text in written]
        in_utc = [moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment for moment in moments]
        times = pd.Series(np.array(in_utc, "datetime64[us]"))
        return times.dt.tz_localize("UTC") if moments[0].tzinfo else times


def _take_text_type(texts: "pd.Series[Any]", kind: Any) -> "pd.Series[Any]":
    is_type_of_text = isinstance(kind, pd.StringDtype) or (isinstance(kind, pd.ArrowDtype) and kind.type is str)
    return texts.astype(kind) if is_type_of_text else texts


def _take_type(times: "pd.Series[Any]", kind: Any) -> "pd.Series[Any]":
    """`times` in the type `kind`, or with its zone in microseconds where that does not reach them."""
    try:
        return times.astype(kind)
    except ValueError:  # of pandas and of Arrow
        coarser: pd.Series[Any] = times.dt.as_unit("us")
        return coarser


def find_periods(cells: "dict[str, pd.Series[Any]]") -> str | None:
    """The only column of periods, where no other has times by its type: years alone would not look like times."""
    times = [name for name, column in cells.items() if column.dtype.kind == "M" or _is_periods(column)]
    return times[0] if len(times) == 1 and _is_periods(cells[times[0]]) else None


def _is_periods(cells: "pd.Series[Any]") -> bool:
    return isinstance(cells.dtype, pd.PeriodDtype)
