"""Training on inputs that are larger than memory: a sample of whole series, the same each time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.cli.app import run
from forecaster.scale import sampling
from forecaster.scale.large_input import LargeInput
from tests.parts import make_table, write_table


def test_training_samples_the_same_whole_series_however_the_rows_are_sorted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sampling, "MOST_ROWS", 250)
    table, said = make_table(), list[str]()
    write_table(table, Path("data.parquet"))
    write_table(table.sample(frac=1, random_state=0), Path("mixed.csv"))
    panel = sampling.read_sample(LargeInput(("data.parquet",)), max_memory=10**9, on_remark=said.append)[0].panel
    mixed = sampling.read_sample(LargeInput(("mixed.csv",)), max_memory=10**9)[0].panel
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
    assert run(["train", "data.parquet", "--max-memory", "1GB", "--horizon", "6", "--steps", "2", "-q"]) == 0
    assert run(["predict", "-q", "-o", "forecasts.parquet", "--horizon", "6"]) == 0
    assert pd.read_parquet("forecasts.parquet")["item"].nunique() > 20
    assert run(["predict", "-q", "-o", "parts", "--max-memory", "1GB"]) == 0
