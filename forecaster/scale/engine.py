"""Divide files into parts by series with DuckDB, which only this module imports: on disk, within a limit of memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd

from forecaster.data.files.content import Content
from forecaster.data.files.parquet import explain_broken, find_damage, list_columns, read_parquet
from forecaster.data.problems import explain_absent
from forecaster.errors import BusyError, ConfigurationError, DataError
from forecaster.scale.roles import Roles

__all__ = ["OUTSIDE", "ROW", "Engine"]

ROW = "row of forecast"
"""The column of the parts with the number of each row, as in `Table`."""
PART = "part of forecast"
ADDED = {"filename", "file_row_number"}
"""Columns that the engine adds."""
FLUSHED_ROWS, BYTES_PER_FLUSHED = 20_000, 80_000
"""Rows that are kept in memory for each part before they are written, at the most, and bytes of the limit for each."""
OUTSIDE = 230_000_000
"""Bytes that the program takes while the engine divides, and the engine beyond the limit that it is given."""
SIZES_PER_THREAD = 4
"""How many groups of rows a thread holds at once: it keeps pages of the last ones while it decodes the next."""
BUFFERED = 60_000_000
"""Bytes that the engine needs besides the pages that it reads at once."""
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
"""Types, without their sizes, that mix in a column of numbers, also without a sign."""


class Engine:
    """A database in the folder `place`, which reads, counts and divides rows; of a sample it writes only one part.

    `memory` is the limit of the whole process, of which it takes at most half.
    """

    def __init__(self, place: Path, *, memory: int, threads: int, is_sample: bool = False) -> None:
        try:
            import duckdb  # noqa: PLC0415 - optional, and only for what does not fit into memory
        except ImportError as error:
            raise ConfigurationError(
                "--max-memory divides the data with DuckDB, which is not installed. Install it with: "
                "pip install 'forecast-lstm[scale]'"
            ) from error
        self._errors: Any = duckdb
        self._place, self._is_sample, self._threads = place, is_sample, threads
        self._memory, self._own_memory = memory, min(memory // 2, memory - OUTSIDE)
        self._connection: Any = duckdb.connect(str(place / "rows.duckdb"))
        settings = {
            "memory_limit": f"{self._own_memory // 1_000_000}MB",
            "threads": threads,
            "temp_directory": str(place / "spilled"),
            "preserve_insertion_order": False,
            "partitioned_write_flush_threshold": min(FLUSHED_ROWS, memory // BYTES_PER_FLUSHED),
        }
        for name, value in settings.items():
            self._connection.execute(f"SET {name} = {_quote_text(str(value))}")
        with suppress(duckdb.CatalogException):  # a version without it
            # else it holds whole groups of rows as they are in the file, besides the pages that it decodes
            self._connection.execute("SET disable_parquet_prefetching = true")

    def close(self) -> None:
        """Free the memory of the engine."""
        self._connection.close()

    def count_rows(self, contents: Sequence[Content]) -> int:
        """The rows of Parquet files. Raises DataError for a broken one, which is found by its end, what describes it,
        and the checksums of its pages, where it has them: the engine does not look at these.
        """
        total = 0
        for content in contents:
            with content.open() as raw:
                damage = find_damage(raw)
            if damage:
                raise explain_broken(content.name, reason=damage)
            with self._explain(content.name, [content]):
                found = self._ask("SELECT num_rows FROM parquet_file_metadata(?)", [str(content.place)])
                total += int(found[0][0])
        return total

    def read_head(self, contents: Sequence[Content], *, rows: int) -> pd.DataFrame:
        """The first rows of Parquet files, with the types and the index that they have when they are read whole."""
        head, files = self._place / "head.parquet", [str(contents[0].place)]
        with self._explain(contents[0].name, contents[:1]):
            plain = f"SELECT * EXCLUDE (filename, file_row_number) FROM {_scan(files)} LIMIT {rows}"
            notes = _quote_text(self._read_notes(files[0]))
            self._connection.execute(
                f"COPY ({plain}) TO {_quote_text(str(head))} (FORMAT parquet, KV_METADATA {{pandas: {notes}}})"
            )
        return read_parquet(Content(contents[0].name, head))

    def list_columns(self, content: Content) -> tuple[str, ...]:
        """The columns of a Parquet file."""
        with self._explain(content.name, [content]):
            described = self._ask(f"DESCRIBE SELECT * FROM {_scan([str(content.place)])}", [])
        return tuple(str(row[0]) for row in described if str(row[0]) not in ADDED)

    def divide(self, contents: Sequence[Content], *, roles: Roles, parts: int, folder: str) -> None:
        """Write the columns of all rows of Parquet files to so many `parts` in a `folder`, by a hash of the ids.

        Raises DataError where a file lacks a column, or has it with another type.
        """
        self._check_columns(contents, columns=roles.columns, numbers=roles.numbers)
        files = [str(content.place) for content in contents]
        listed = ", ".join(map(_quote_text, files))
        row = f"(list_position([{listed}], filename) - 1) * {1 << 40} + file_row_number"
        with self._explain(contents[0].name if len(contents) == 1 else "the Parquet files", contents):
            # one thread frees pages where it needs the memory, several do not
            largest = max(self._measure_group(content)[1] for content in contents)
            threads = max(1, min(self._threads, self._own_memory // (SIZES_PER_THREAD * max(largest, 1))))
            self._connection.execute(f"SET threads = {threads}")
            rows = f"SELECT *, {row} AS {_quote_name(ROW)} FROM {_scan(files)}"
            self._write_parts(rows, roles, parts, folder, notes=self._read_notes(files[0]))

    def add(self, chunk: pd.DataFrame) -> None:
        """Keep the rows of a chunk of text, with their numbers in the column ROW, for `divide_added`."""
        self._connection.register("chunk", chunk)
        with self._explain("the rows"):
            self._connection.execute("CREATE TABLE IF NOT EXISTS added AS SELECT * FROM chunk LIMIT 0")
            self._connection.execute("INSERT INTO added SELECT * FROM chunk")
        self._connection.unregister("chunk")

    def divide_added(self, *, roles: Roles, parts: int, folder: str) -> None:
        """As `divide`, of the rows that were added."""
        with self._explain("the rows"):
            self._write_parts("SELECT * FROM added", roles, parts, folder)
            self._connection.execute("DROP TABLE added")

    def list_parts(self, folder: str) -> dict[int, list[Path]]:
        """The files of each part in a `folder` that has any rows, by its number."""
        found = (self._place / folder).glob("*=*")
        return {int(path.name.split("=")[1]): sorted(path.glob("*.parquet")) for path in found}

    def _write_parts(self, rows: str, roles: Roles, parts: int, folder: str, *, notes: str = "{}") -> None:
        kept = ", ".join(map(_quote_name, (*roles.columns, ROW)))
        # a hash of a constant where rows are of all parts
        names = [f"{_quote_name(name)}::VARCHAR" for name in roles.ids] or ["0"]
        part = f"hash({', '.join(names)}) % {parts}"
        chosen = f"WHERE {part} = 0" if self._is_sample else ""
        self._connection.execute(
            f"COPY (SELECT {kept}, {part} AS {_quote_name(PART)} FROM ({rows}) {chosen}) "
            f"TO {_quote_text(str(self._place / folder))} "
            f"(FORMAT parquet, PARTITION_BY ({_quote_name(PART)}), WRITE_PARTITION_COLUMNS false, "
            f"KV_METADATA {{pandas: {_quote_text(notes)}}})"
        )

    def _check_columns(self, contents: Sequence[Content], *, columns: Sequence[str], numbers: Sequence[str]) -> None:
        first: dict[str, str] = {}
        for content in contents:
            with self._explain(content.name, [content]):
                described = self._ask(f"DESCRIBE SELECT * FROM {_scan([str(content.place)])}", [])
            types = {str(row[0]): str(row[1]) for row in described}
            if isinstance(content.place, Path) and {*list_columns(content.place)} != {*types} - ADDED:
                raise DataError(
                    f"{content.name}: columns that are nested, or whose names differ only in capitals, are not read in "
                    "parts. Write it without them, or leave --max-memory out."
                )
            absent = next((name for name in columns if name not in types), None)
            if absent is not None:
                raise DataError(
                    explain_absent(content.name, absent, present=[name for name in types if name not in ADDED])
                )
            first = first or types
            for name in columns:
                both = [types[name].split("(")[0].removeprefix("U"), first[name].split("(")[0].removeprefix("U")]
                if types[name] != first[name] and not (name in numbers and all(kind in NUMBERS for kind in both)):
                    raise DataError(
                        f"{content.name}, column {name!r}: its type is {types[name]}, and {first[name]} in "
                        f"{contents[0].name}. Files that are read in parts need the same types: write them again, or "
                        "leave --max-memory out."
                    )

    def _read_notes(self, file: str) -> str:
        """What pandas noted in a file on its index, and on types that Parquet has not."""
        found = self._ask("SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = 'pandas'", [file])
        return str(found[0][0]) if found else "{}"

    def _ask(self, question: str, values: list[Any]) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._connection.execute(question, values).fetchall()
        return found

    @contextmanager
    def _explain(self, name: str, contents: Sequence[Content] = ()) -> Iterator[None]:
        """Raise a ForecastError for an error of the engine while it reads `contents`, in our words where it can."""
        try:
            yield
        except self._errors.Error as error:
            reason = str(error).splitlines()[0]
            is_memory = isinstance(error, self._errors.OutOfMemoryException)
            if "No space left" in reason or (is_memory and "offload" in reason):  # to the disk
                raise BusyError(
                    f"{self._place.parent}: the disk is full, so there is no room to divide {name} into parts there. "
                    "Free some space, choose an --output on a larger disk, or raise --max-memory."
                ) from error
            if is_memory:
                raise self._explain_memory(name, contents) from error
            damages = ((content.name, self._find_damage(content)) for content in contents)
            found = next(((broken, damage) for broken, damage in damages if damage), (name, reason))
            raise explain_broken(found[0], reason=found[1]) from error

    def _explain_memory(self, name: str, contents: Sequence[Content]) -> BusyError:
        """The error for rows that do not fit the limit while they are divided: of the largest group of any file.

        A group may be one page for each column, as fastparquet writes it, and a page is decoded as a whole.
        """
        groups = [(content.name, *self._measure_group(content)) for content in contents]
        largest, rows, size = max(groups, key=lambda group: group[2], default=(name, 0, 0))
        needed = size + BUFFERED
        enough = -(-max(2 * needed, needed + OUTSIDE) // 100_000_000) * 100
        if not size or enough * 1_000_000 <= self._memory:
            return BusyError(f"{name}: cannot be divided within --max-memory. Give more.")
        return BusyError(
            f"{largest}: {rows:,} rows are one group of the Parquet file, which may have to be read as a whole, and "
            f"does not fit --max-memory. Give --max-memory {enough}MB, or write the file in smaller groups: to_parquet "
            "of pandas does with row_group_size=100_000 (pyarrow) or row_group_offsets=100_000 (fastparquet)."
        )

    def _measure_group(self, content: Content) -> tuple[int, int]:
        """The rows of the largest group of a file, and the bytes of its columns, packed and unpacked.

        The engine allocates powers of two.
        """
        found = self._ask(
            "SELECT any_value(row_group_num_rows), sum(if(compression = 'UNCOMPRESSED', 0, "
            "2 ** ceil(log2(total_compressed_size + 1))) + 2 ** ceil(log2(total_uncompressed_size + 1))) AS size "
            "FROM parquet_metadata(?) GROUP BY row_group_id ORDER BY size DESC LIMIT 1",
            [str(content.place)],
        )
        return (int(found[0][0]), int(found[0][1])) if found else (0, 0)

    def _find_damage(self, content: Content) -> str:
        """Why a Parquet file cannot be read; empty where it can."""
        with content.open() as raw:
            damage = find_damage(raw)
        try:
            if not damage:
                self._ask(f"SELECT bit_xor(hash(rows)) FROM {_scan([str(content.place)])} AS rows", [])
        except (self._errors.OutOfMemoryException, self._errors.NotImplementedException):
            return ""
        except self._errors.Error:  # its words are on the bytes that it met
            return "some of its values are damaged"
        return damage


def _scan(files: Sequence[str]) -> str:
    listed = ", ".join(map(_quote_text, files))
    return f"read_parquet([{listed}], filename = true, file_row_number = true, hive_partitioning = false)"


def _quote_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
