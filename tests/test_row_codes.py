"""Rows that repeat a combination of cells are found, in whatever order they are."""

import numpy as np
import pytest

from forecaster.data.layouts.row_codes import has_repeats


@pytest.mark.parametrize("seed", range(40))
def test_finds_repeats_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = np.stack(np.meshgrid(np.arange(6), np.arange(5)), axis=-1).reshape(-1, 2)
    order = (np.arange(30), np.lexsort(rows.T), np.lexsort(rows.T[::-1]), rng.permutation(30))[seed % 4]
    chosen = rows[order]
    assert not has_repeats([chosen[:, 0], chosen[:, 1]])
    chosen[rng.integers(0, 15)] = chosen[rng.integers(15, 30)]
    assert has_repeats([chosen[:, 0], chosen[:, 1]])


def test_rows_next_to_each_other_may_be_the_same() -> None:
    assert has_repeats([np.array([0, 0, 0, 1]), np.array([0, 1, 1, 0])])
    assert not has_repeats([np.array([], np.int64)])
