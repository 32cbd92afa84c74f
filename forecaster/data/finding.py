"""Which files DATA names."""

from pathlib import Path

from forecaster.errors import NotFoundError

__all__ = ["find_files"]


def find_files(data: str) -> list[Path]:
    """The files that `data` names: one, or those in a folder or of a glob; none for `-`, which is stdin.

    Raises NotFoundError where there is none.
    """
    if data == "-":
        return []
    path = Path(data)
    try:
        if path.is_dir():
            paths = sorted(found for found in [*path.glob("*.csv"), *path.glob("*.csv.gz")] if found.is_file())
            if not paths:
                raise NotFoundError(
                    f"{data}: the folder holds no .csv or .csv.gz file. Name a file, or a folder with some."
                )
            return paths
        if path.exists():
            return [path]
        pattern = str(path.relative_to(path.anchor)) if set("*?[") & set(data) else ""
        paths = sorted(found for found in Path(path.anchor).glob(pattern) if found.is_file()) if pattern else []
    except (OSError, ValueError):  # a name that is too long, or no pattern
        paths = []
    if not paths:
        raise NotFoundError(f"{data}: no such file. Check the spelling, or that the folder is mounted.")
    return paths
