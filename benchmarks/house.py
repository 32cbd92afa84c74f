"""Count the lines of each file, and list which package imports which: `python -m benchmarks.house`."""

import re
from pathlib import Path

from benchmarks.measuring import write_results

PACKAGE = Path(__file__).resolve().parents[1] / "forecaster"


def main() -> None:
    """Count, print and write `results/house.json`."""
    lines = {
        str(path.relative_to(PACKAGE.parent)): len(path.read_text().splitlines())
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    packages: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        package = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        found = re.findall(r"^\s*from forecaster\.(\w+)", path.read_text(), re.MULTILINE)
        packages.setdefault(package, set()).update(name for name in found if name != package)
    for name, count in sorted(lines.items(), key=lambda item: -item[1])[:8]:
        print(f"{count:5d}  {name}")
    print(f"{sum(lines.values()):5d}  in {len(lines)} files")
    imports = {package: sorted(names) for package, names in sorted(packages.items())}
    for package, names in imports.items():
        print(f"{package:12s} <- {', '.join(names) or '-'}")
    print(write_results("house", figures={"lines": lines, "imports": imports}))


if __name__ == "__main__":
    main()
