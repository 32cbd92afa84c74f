"""Read Parquet files into frames, with the types that their schema names."""

import json
from io import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO

import fastparquet
import numpy as np
import pandas as pd

from forecaster.data.files.content import Content
from forecaster.data.files.magic import PARQUET
from forecaster.data.files.parquet_pages import check_pages, guard_texts
from forecaster.data.files.thrift import check_struct
from forecaster.data.times.frame_times import is_zone
from forecaster.errors import DataError

__all__ = ["UNNAMED", "count_cells", "explain_broken", "find_damage", "list_columns", "read_parquet"]

# Without the notes of pandas, columns have the types of the schema: fastparquet reads dates that pandas wrote as whole
# numbers, and fails for an index of times that has no name.
_File: Any = type("_File", (fastparquet.ParquetFile,), {"has_pandas_metadata": False, "pandas_metadata": {}})

LENGTH = 4
"""Bytes before the last ones, which hold the length of the description of the file."""
DECIMAL = 5
"""The number of this type in the schema."""
TIME_UNITS = {"MILLIS": "ms", "MICROS": "us", "NANOS": "ns"}
UNNAMED = "__index_level_"
"""How pandas writes an index that has no name, followed by the number of its level."""


def list_columns(path: Path) -> list[str]:
    """The names of the columns of a file; none where it is broken, which is reported when it is read."""
    try:
        with path.open("rb") as raw:
            return list(map(str, _open(raw).columns))
    except Exception:  # see `read_parquet`
        return []


def count_cells(path: Path) -> tuple[int, int]:
    """The rows of a file, and these times its columns; 0 where it is broken, which is reported when it is read."""
    try:
        with path.open("rb") as raw:
            file = _open(raw)
            rows = int(file.count())
            return rows, rows * len(file.columns)
    except Exception:  # see `read_parquet`
        return 0, 0


def find_damage(raw: BinaryIO) -> str:
    """Why a Parquet file cannot be read, by what describes it and its checksums; empty where these are whole."""
    try:
        check_pages(raw, _open(raw), size=raw.seek(0, SEEK_END))
    except Exception as error:  # see `read_parquet`
        return _describe(error)
    return ""


def explain_broken(name: str, *, reason: str) -> DataError:
    """The error for a Parquet file that cannot be read."""
    return DataError(
        f"{name}: the Parquet file cannot be read ({reason}). It may be broken: copy it again, or save it as CSV."
    )


def read_parquet(content: Content) -> pd.DataFrame:
    """The table in a Parquet file, with the index that pandas gave it. Raises DataError where it cannot be read."""
    try:
        with content.open() as raw:
            file = _open(raw)
            check_pages(raw, file, size=raw.seek(0, SEEK_END))
            guard_texts()
            notes = json.loads(file.key_value_metadata.get("pandas") or "{}")
            frame: pd.DataFrame = file.to_pandas()
            for name in [name for name, kind in frame.dtypes.items() if isinstance(kind, pd.StringDtype)]:
                # pandas 3 meets broken texts only now
                frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    # whatever its decoders meet in a file that was cut off, has a strange schema or was packed by an unknown method
    except (Exception, SystemError) as error:
        raise explain_broken(content.name, reason=_describe(error)) from error
    known = {column.get("field_name", column.get("name")): column for column in notes.get("columns", [])}
    for name in map(str, frame):
        place = [name] if name in file.schema.root["children"] else name.split(".")  # a part of an object
        schema = file.schema.schema_element(place)
        frame[name] = _restore_type(frame[name], schema=schema, noted=known.get(name, {}))
    index = [name for name in notes.get("index_columns", []) if isinstance(name, str) and name in frame]
    if index:
        frame = frame.set_index(index)
        frame.index.names = [None if name.startswith(UNNAMED) else name for name in index]
    return frame


def _describe(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _open(raw: BinaryIO) -> Any:
    """The file; where its end is missing or broken it is not given to fastparquet, which would print what it meets."""
    size = raw.seek(0, SEEK_END)
    raw.seek(max(size - LENGTH - len(PARQUET), 0))
    end = raw.read()
    if size < 2 * len(PARQUET) + LENGTH or not end.endswith(PARQUET):
        raise EOFError("its end is missing")
    length, last = int.from_bytes(end[:LENGTH], "little"), size - len(PARQUET) - LENGTH
    if length > last - len(PARQUET):
        raise EOFError("its description is cut off")
    raw.seek(last - length)
    check_struct(raw.read(length))
    raw.seek(0)
    return _File(raw)


def _restore_type(cells: "pd.Series[Any]", *, schema: Any, noted: dict[str, Any]) -> "pd.Series[Any]":
    """Cells of one column in the type that the `schema` names, or pandas `noted`, where fastparquet leaves it out."""
    kind = schema.logicalType
    if str(noted.get("numpy_type", "")).startswith("period["):
        periods: Any = pd.PeriodIndex
        return pd.Series(periods.from_ordinals(cells.to_numpy(), freq=noted["numpy_type"][7:-1]))
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return cells
    if cells.dtype.kind == "M" and kind is not None and kind.TIMESTAMP is not None and kind.TIMESTAMP.isAdjustedToUTC:
        zone = str((noted.get("metadata") or {}).get("timezone"))
        return pd.Series(cells.dt.tz_localize("UTC").dt.tz_convert(zone if is_zone(zone) else "UTC"))
    if kind is not None and kind.TIME is not None:
        unit: Any = next(short for name, short in TIME_UNITS.items() if getattr(kind.TIME.unit, name) is not None)
        times = pd.to_datetime(cells, unit=unit)
        return pd.Series(times.dt.strftime("%H:%M:%S.%f" if times.dt.microsecond.any() else "%H:%M:%S"))
    if schema.converted_type == DECIMAL:
        return cells.round(schema.scale)  # it is multiplied by 0.1 and not divided by 10
    if cells.dtype == np.float32:
        # the number that is meant, 1.1 and not 1.10000002384185791
        return cells.astype(str).astype(np.float64)
    if cells.dtype == object:
        return _write_texts(cells)
    return cells


def _write_texts(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    """Cells as texts, those that are equal as one object: each of its own takes eight times the memory of its place."""
    if pd.api.types.infer_dtype(cells, skipna=True) not in ("string", "bytes"):
        return cells.map(_write_plainly)
    codes, found = pd.factorize(cells.to_numpy())
    # copies side by side: a single text that is kept where it was keeps all the memory around it
    texts = np.array([*("".join(list(_write_plainly(text))) for text in found), None], object)
    return pd.Series(texts[codes], index=cells.index, name=cells.name)


def _write_plainly(cell: Any) -> Any:
    """A cell as text: bytes as UTF-8, and lists and objects, which nothing can be made of, as they are shown."""
    if isinstance(cell, bytes):
        return cell.decode(errors="backslashreplace")
    return cell if cell is None or isinstance(cell, str) else str(cell)
