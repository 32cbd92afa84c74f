"""Ask whether a vulnerability is known of any package of the images: `python -m benchmarks.audit`, also in `make test`.

It asks the service that pip-audit uses. Where that cannot be reached, or does not know a package, it says so; only a
known vulnerability makes it fail.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
AUDITED = ("build.txt", "predict.txt", "train.txt", "torch-cuda.txt")
"""The CPU build of torch has the same version as the CUDA build, but no entry of its own."""
PATIENCE = 120.0
"""Seconds until the service counts as one that cannot be reached."""


@dataclass(frozen=True)
class Audit:
    """The lines to print, and whether a vulnerability is known."""

    lines: tuple[str, ...]
    has_failed: bool = False


def judge(content: dict[str, Any]) -> Audit:
    """What the output of `pip-audit --format json` says."""
    packages = {package["name"]: package for package in content["dependencies"]}
    skipped = sorted(name for name, package in packages.items() if "skip_reason" in package)
    if len(skipped) == len(packages):
        return Audit((f"not audited: the service knows none of the {len(packages)} packages, or cannot be reached",))
    found = [
        f"{name} {package['version']}: {one['id']}, fixed in {', '.join(one['fix_versions']) or 'no version yet'}"
        for name, package in sorted(packages.items())
        for one in package.get("vulns", [])
    ]
    counts = f"{len(packages) - len(skipped)} packages audited, {len(found)} vulnerabilities known"
    left = (f"not audited, as the service does not know them: {', '.join(skipped)}",) if skipped else ()
    advice = ("pin newer versions with benchmarks/pin_requirements.sh",) if found else ()
    return Audit((*found, *left, counts, *advice), bool(found))


def run_audit() -> Audit:
    """Run pip-audit over the pinned packages."""
    files = [word for name in AUDITED for word in ("--requirement", str(REQUIREMENTS / name))]
    words = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
        *files,
    ]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return judge(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return Audit((f"not audited: the service has not answered within {PATIENCE:g} s",))
    except ValueError:
        reason = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        return Audit((f"not audited: {reason[:200]}",))


def main() -> None:
    """Print what was found; exit with 1 if a vulnerability is known."""
    audit = run_audit()
    print(*(f"audit: {line}" for line in audit.lines), sep="\n")
    sys.exit(audit.has_failed)


if __name__ == "__main__":
    main()
