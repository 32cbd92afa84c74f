"""Divide the rows of files into parts of whole series on disk, and read the parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.files.content import Content
from forecaster.data.files.contents import find_contents, find_kind
from forecaster.data.files.parquet import read_parquet
from forecaster.data.frames import Origin, append_later
from forecaster.data.layouts.sniffing import find_sources
from forecaster.data.layouts.text_source import Source
from forecaster.errors import DataError, UsageError
from forecaster.library.inputs import Given, Remark
from forecaster.machine import count_usable_cpus
from forecaster.scale.chunks import check_sources, read_chunks, read_head
from forecaster.scale.engine import ROW, Engine
from forecaster.scale.roles import HEAD_ROWS, Roles, name_roles
from forecaster.scale.survey import PartReader

__all__ = ["Divided", "Files", "Part", "divide_files", "find_files"]

PARTS, LATER = "parts", "later"
"""Folders of the rows of the data, and of their future."""


@dataclass(frozen=True)
class Files:
    """The files of an input, and those of its `future`, of the same kind."""

    data: list[Content]
    future: list[Content]

    @property
    def are_typed(self) -> bool:
        """Whether they are Parquet, whose columns have types."""
        return find_kind(self.data) == "Parquet"


@dataclass(frozen=True)
class Part:
    """The files on disk with the `rows` of some series, and with those `later` ones that a future has of them."""

    rows: list[Path]
    later: list[Path]

    def remove(self) -> None:
        """Delete the rows, once they are read; a future may be that of all parts."""
        for path in self.rows:
            path.unlink()


@dataclass(frozen=True)
class Divided:
    """An input that was divided into `count` parts, of which those in `parts` have rows; and how to read them."""

    reader: PartReader
    parts: list[Part]
    files: Files
    count: int

    def read(self, part: Part) -> Given:
        """The series of a part."""
        line_name = "row" if self.reader.has_types else "line"
        frame, rows = _read_rows(part.rows)
        names = tuple(content.name for content in self.files.data)
        future = None
        if part.later:
            later, later_rows = _read_rows(part.later)
            later_names = tuple(content.name for content in self.files.future)
            future = partial(append_later, later, Origin(later_names[0], later_names, later_rows, line_name))
        return self.reader.read(frame, origin=Origin(self.reader.name, names, rows, line_name), future=future)


def find_files(data: Sequence[str], future: str | None, *, name: str, on_remark: Remark) -> Files:
    """The files to divide, without those that forecast wrote.

    Raises UsageError for a stream, Excel files, and a future of another kind than the data.
    """
    files = Files(
        _find(data, what="DATA", name=name, on_remark=on_remark),
        [] if future is None else _find([future], what="--future", name=future, on_remark=on_remark),
    )
    kinds = [find_kind(contents) for contents in (files.data, files.future) if contents]
    if len({*kinds}) > 1:
        raise UsageError(
            f"--future {future}: it is {kinds[1]}, and the data are {kinds[0]}. In parts both need to be of one kind: "
            f"save it as {kinds[0]}, or leave --max-memory out."
        )
    return files


def _find(data: Sequence[str], *, what: str, name: str, on_remark: Remark) -> list[Content]:
    if "-" in data:
        raise UsageError(f"{what} is stdin, which is read once: --max-memory needs files.")
    contents, found = find_contents(data)
    if any(isinstance(content.place, bytes) for content in contents):
        raise UsageError(f"{what} is a pipe, which is read once: --max-memory needs files.")
    if find_kind(contents) == "Excel":
        raise UsageError(
            f"--max-memory: {name} is a spreadsheet, which is read whole. Leave it out, or save the data as CSV."
        )
    if found.own:
        on_remark(f"  left out: {found.describe_own()}, which forecast wrote")
    return contents


def divide_files(
    files: Files,
    place: Path,
    *,
    reader: PartReader,
    memory: int,
    count_rows: Callable[[int], int],
    is_sample: bool = False,
) -> Divided:
    """Divide the rows into parts on disk in `place`; of a sample only one part is written.

    `count_rows` tells how many rows a part may have with so many features of covariates. The `reader` is returned with
    the roles of the columns.
    """
    engine = Engine(place, memory=memory, threads=count_usable_cpus(), is_sample=is_sample)
    try:
        roles, count = _divide_data(engine, files, reader, count_rows)
        later = _divide_future(engine, files, roles, count) if files.future else {}
        parts = engine.list_parts(PARTS)
        _check_series(later, parts, files=files, roles=roles)
        listed = [Part(paths, later.get(number, [])) for number, paths in sorted(parts.items())]
        return Divided(replace(reader, reading=roles.reading), listed, files, count)
    finally:
        engine.close()


def _divide_data(
    engine: Engine, files: Files, reader: PartReader, count_rows: Callable[[int], int]
) -> tuple[Roles, int]:
    """The roles of the columns, and the number of parts."""
    name, reading = reader.name, reader.reading
    if files.are_typed:
        total = engine.count_rows(files.data)
        roles = name_roles(engine.read_head(files.data, rows=HEAD_ROWS), name=name, reading=reading)
        count = _count_parts(total, rows=count_rows(roles.features))
        engine.divide(files.data, roles=roles, parts=count, folder=PARTS)
        return roles, count
    sources = check_sources(find_sources(files.data, options=reading), options=reading)
    reading = reading if sources[0].time is None or reading.time else replace(reading, time=sources[0].time)
    head = read_head(sources[0], rows=HEAD_ROWS)
    roles = name_roles(head, name=name, reading=reading)
    rows = count_rows(roles.features)
    total = _add_text(engine, sources, roles=roles, head=head)
    count = _count_parts(total, rows=rows)
    engine.divide_added(roles=roles, parts=count, folder=PARTS)
    return roles, count


def _divide_future(engine: Engine, files: Files, roles: Roles, count: int) -> dict[int, list[Path]]:
    """The files of the future by the number of the part; all parts have the same where it lacks a column of ids."""
    if files.are_typed:
        engine.count_rows(files.future)
        own = roles.keep_known(engine.list_columns(files.future[0]), name=files.future[0].name)
        engine.divide(files.future, roles=own, parts=count, folder=LATER)
    else:
        options = replace(roles.reading, skip_lines=None)
        sources = check_sources(find_sources(files.future, options=options), options=options)
        own = roles.keep_known(sources[0].header, name=sources[0].name)
        _add_text(engine, sources, roles=own, head=read_head(sources[0], rows=HEAD_ROWS))
        engine.divide_added(roles=own, parts=count, folder=LATER)
    found = engine.list_parts(LATER)
    if own.divides_by_all:
        return found
    shared = [path for paths in found.values() for path in paths]
    return dict.fromkeys(range(count), shared)


def _add_text(engine: Engine, sources: Sequence[Source], *, roles: Roles, head: pd.DataFrame) -> int:
    """Give the engine all rows of text files; how many there are."""
    total = 0
    for chunk in read_chunks(sources, roles=roles, head=head):
        total += len(chunk)
        engine.add(chunk)
    return total


def _count_parts(total: int, *, rows: int) -> int:
    return max(1, -(-total // rows))


def _check_series(later: dict[int, list[Path]], parts: dict[int, list[Path]], *, files: Files, roles: Roles) -> None:
    """Raise DataError where the future has series in a part of which the data have none."""
    for number in sorted({*later} - {*parts}):
        frame, _ = _read_rows(later[number])
        ids = [name for name in roles.reading.ids if name in frame]
        if len(ids) == len(roles.reading.ids):
            series = ", ".join(str(frame[name].iloc[0]) for name in ids)
            raise DataError(
                f"{files.future[0].name}: the data have no series {series!r}. Leave it out of the future, or fix its "
                "name."
            )


def _read_rows(paths: list[Path]) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The rows of some files of the engine, in the order of the input, and their numbers there."""
    frames = [read_parquet(Content(str(path), path)) for path in paths]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames)  # the index may hold times or ids
    rows = frame.pop(ROW).to_numpy(np.int64)
    order = np.argsort(rows, kind="stable")
    return frame.take(order), rows[order]
