"""Find the Parquet file, of many, that cannot be read with the others: Ray tells what it met, but not always where."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from forecaster.data.files.parquet import explain_broken, find_damage
from forecaster.data.problems import explain_absent
from forecaster.errors import DataError

__all__ = ["find_broken_file"]

ENDING = ".parquet"
DAMAGE, TYPES = "damage", "types"


def find_broken_file(ray: Any, data: Sequence[str]) -> DataError | None:
    """The error that names the first file of `data` that is broken, or has other columns than the first one, or types.

    None where there is none, or where they cannot be looked at. Each file is looked at where Ray has room for it.
    """
    try:
        files = [file for place in data for file in _list_files(place)]
        rows = ray.data.from_items([{"name": name, "place": place} for name, place in files])
        found = {row["name"]: row for row in rows.map(_look).take_all()}
    except Exception:  # of Ray or the storage, which has said before what is wrong
        return None
    names = [name for name, _ in files]
    for name in names:
        if found[name][DAMAGE]:
            return explain_broken(name, reason=found[name][DAMAGE])
    differences = (_compare(name, found[name][TYPES], names[0], found[names[0]][TYPES]) for name in names[1:])
    return next((DataError(difference) for difference in differences if difference), None)


def _list_files(place: str) -> list[tuple[str, str]]:
    """The names of the Parquet files that Ray reads of a local folder, or one on object storage, and where they are."""
    if "://" not in place:
        paths = sorted(Path(place).rglob(f"*{ENDING}")) if Path(place).is_dir() else [Path(place)]
        return [(str(path), str(path.resolve())) for path in paths if not path.name.startswith((".", "_"))]
    import fsspec  # noqa: PLC0415 - a dependency of Ray Data

    files, path = fsspec.core.url_to_fs(place)
    inner = [name for name in sorted(files.find(path)) if name.endswith(ENDING)]
    return [(name, name) for name in map(files.unstrip_protocol, inner)]


def _look(row: dict[str, Any]) -> dict[str, Any]:
    """Why the file cannot be read, if so; and the names of its columns, each with its type."""
    import fsspec  # noqa: PLC0415 - a dependency of Ray Data
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415 - likewise

    with fsspec.open(row["place"], "rb") as raw:
        damage, types = find_damage(raw), []
        if not damage:
            raw.seek(0)
            try:
                file = ParquetFile(raw)
                types = [[column.name, _name_type(column.type)] for column in file.schema_arrow]
                for _ in file.iter_batches():
                    pass
            except Exception:  # its words are on the bytes that it met
                damage = "some of its values are damaged"
    return {"name": row["name"], DAMAGE: damage, TYPES: types}


def _name_type(kind: Any) -> str:
    """The type in words; numbers of all kinds are read alike."""
    from pyarrow import types  # noqa: PLC0415 - a dependency of Ray Data

    return "number" if types.is_integer(kind) or types.is_floating(kind) else str(kind)


def _compare(name: str, found: list[tuple[str, str]], first: str, wanted: list[tuple[str, str]]) -> str:
    """What of the columns of a file is not as in the `first` one; empty where they are alike."""
    types = dict(found)
    for column, kind in wanted:
        if column not in types:
            return explain_absent(name, column, present=types)
        if types[column] != kind:
            return (
                f"{name}, column {column!r}: its type is {types[column]}, and {kind} in {first}. Files that Ray reads "
                "need the same types: write them again."
            )
    return ""
