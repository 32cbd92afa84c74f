"""Training on inputs that are larger than memory: a sample of whole series, the same each time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.cli.app import run
from forecaster.errors import UsageError
from forecaster.library.footprint import BASE, count_for_training
from forecaster.scale import sampling
from forecaster.scale.large_input import LargeInput
from tests.parts import make_table, write_table

MB = 1_000_000


def test_training_samples_the_same_whole_series_however_the_rows_are_sorted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sampling, "MOST_ROWS", 250)
    table, said = make_table(), list[str]()
    write_table(table, Path("data.parquet"))
    write_table(table.sample(frac=1, random_state=0), Path("mixed.csv"))
    panel = sampling.read_sample(LargeInput(("data.parquet",)), max_memory=2 * 10**9, on_remark=said.append)[0].panel
    mixed = sampling.read_sample(LargeInput(("mixed.csv",)), max_memory=2 * 10**9)[0].panel
    assert 1 <= len(panel) < 15
    assert {*panel.ids} == {*mixed.ids}
    counts = table.dropna().groupby("item").size()
    for number, (item,) in enumerate(panel.ids):
        values = panel.values[panel.offsets[number] : panel.offsets[number + 1]]
        assert np.isfinite(values).sum() == counts[item]
    assert any("a sample of the series" in line for line in said)


def test_a_model_learns_from_a_sample_and_remembers_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sampling, "MOST_ROWS", 400)
    write_table(make_table(), Path("data.parquet"))
    assert run(["train", "data.parquet", "--max-memory", "2GB", "--horizon", "6", "--steps", "2", "-q"]) == 0
    assert run(["predict", "-q", "-o", "forecasts.parquet", "--horizon", "6"]) == 0
    assert pd.read_parquet("forecasts.parquet")["item"].nunique() > 20
    assert run(["predict", "-q", "-o", "parts", "--max-memory", "1GB"]) == 0


@pytest.mark.parametrize("limit", [1100, 1200, 1411, 1500, 1750, 8000])
def test_a_sample_is_as_large_as_a_training_has_memory_for(limit: int) -> None:
    rows = sampling.count_rows(limit * MB)
    assert 9_000 < rows <= sampling.MOST_ROWS
    needs = BASE + sampling.DIVIDING + count_for_training(rows) + 350 * rows
    assert needs <= limit * MB, "what a run needs, and what dividing leaves"
    assert rows == sampling.MOST_ROWS or needs > (limit - 1) * MB, "no more than that is left"


def test_a_training_is_refused_a_limit_that_it_does_not_keep(tmp_path: Path) -> None:
    write_table(make_table(), tmp_path / "data.parquet")
    with pytest.raises(UsageError, match="--max-memory: at least 1,100 MB are needed"):
        sampling.read_sample(LargeInput((str(tmp_path / "data.parquet"),)), max_memory=1099 * MB)
