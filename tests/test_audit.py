"""The pinned packages: each has its checksum, and the audit fails only where a vulnerability is known."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import audit

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "requirements").glob("*.txt"))
SKIPPED = {"name": "b", "skip_reason": "not found"}


def of(*packages: dict[str, Any]) -> audit.Audit:
    return audit.judge({"dependencies": list(packages)})


def test_an_audit_of_nothing_is_no_good_news() -> None:
    assert of(SKIPPED, {**SKIPPED, "name": "c"}).lines[0].startswith("not audited: the service knows none of the 2")
    found = of({"name": "a", "version": "1", "vulns": []}, SKIPPED)
    assert found.lines == (
        "not audited, as the service does not know them: b",
        "1 packages audited, 0 vulnerabilities known",
    )
    assert not found.has_failed


def test_a_known_vulnerability_is_named_and_fails() -> None:
    found = of({"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]})
    assert found.has_failed
    assert found.lines[0] == "a 1: CVE-1, fixed in 2"
    assert "pin_requirements.sh" in found.lines[-1]


@pytest.mark.parametrize(
    ("program", "reason"),
    [("import sys; sys.exit('no such host')", "no such host"), ("import time; time.sleep(60)", "has not answered")],
)
def test_where_it_cannot_ask_it_says_so_and_passes(monkeypatch: pytest.MonkeyPatch, program: str, reason: str) -> None:
    run = subprocess.run
    monkeypatch.setattr(audit, "PATIENCE", 1.0 if "sleep" in program else 30.0)
    monkeypatch.setattr(subprocess, "run", lambda _, **options: run([sys.executable, "-c", program], **options))
    found = audit.run_audit()
    assert not found.has_failed
    assert "not audited" in found.lines[0]
    assert reason in found.lines[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_pinned_package_has_checksums_and_no_file_names_a_registry(path: Path) -> None:
    text = path.read_text()
    lines = text.replace("\\\n", " ").splitlines()
    pins = [line for line in lines if not line.startswith(("#", "-r"))]
    assert pins
    for line in pins:
        assert re.fullmatch(r"[a-z0-9-]+==\S+( +--hash=sha256:[0-9a-f]{64})+ *", line), line
    assert "://" not in text


def test_the_images_install_by_checksum_alone() -> None:
    text = (ROOT / "Dockerfile").read_text()
    installs = re.findall(r"pip install (.*)", text)
    assert len(installs) == 5
    for words in installs:
        assert "--require-hashes" in words or "--no-deps --no-build-isolation ." in words
    assert {path.name for path in FILES} == set(re.findall(r"requirements/([\w-]+\.txt)", text))
    cpu, cuda = (
        re.findall(r"^torch==([0-9.]+)", (ROOT / f"requirements/torch-{kind}.txt").read_text(), re.M)
        for kind in ("cpu", "cuda")
    )
    assert cpu == cuda
    assert len(cpu) == 1
