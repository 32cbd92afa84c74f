"""A base model's weights, grown to more channels, candidate forecasts and quantile levels: the forecast stays."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load, save

from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.errors import ConfigurationError
from forecaster.learning.growth import grow_base
from forecaster.model.base import read_base
from forecaster.model.card import BaseEncodingCard
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import QUANTILE_LEVELS, NetworkShape

SHAPE = NetworkShape(2, 12)
HORIZON = 5


def make_old(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, channels: tuple[str, ...], candidates: tuple[str, ...], less: int
) -> StackedLSTM:
    """Random weights for some channels and candidates, and without the `less` outermost levels of either side, as
    those of the base model.
    """
    levels = QUANTILE_LEVELS[less : len(QUANTILE_LEVELS) - less]
    torch.manual_seed(0)
    network = StackedLSTM(SHAPE, channels=len(channels), candidates=len(candidates), quantiles=len(levels)).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.3 * torch.randn_like(weight))
        # as after learning: far larger than the logit of a new candidate
        network.output.bias[: len(candidates)] += 6.0
    (folder / "old.safetensors").write_bytes(save(network.state_dict()))
    card = replace(
        read_base()[0], network=SHAPE, encoding=BaseEncodingCard(channels, candidates), quantile_levels=levels
    )
    monkeypatch.setattr("forecaster.learning.growth.read_base", lambda: (card, b"", folder / "old.safetensors"))
    return network


def grow() -> StackedLSTM:
    network = StackedLSTM(
        SHAPE, channels=len(CHANNELS), candidates=len(CANDIDATES), quantiles=len(QUANTILE_LEVELS)
    ).eval()
    network.load_state_dict(grow_base(SHAPE))
    return network


@pytest.mark.parametrize("less", [0, 1, 2])
def test_the_grown_network_forecasts_what_the_old_one_did(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, less: int
) -> None:
    # in another order, so that each goes to the place of its name
    channels, candidates = CHANNELS[-9:2:-1], CANDIDATES[::-1]
    old = make_old(monkeypatch, tmp_path, channels=channels, candidates=candidates, less=less)
    inputs, mixed = 2 * torch.randn(4, 20 + HORIZON, len(CHANNELS)), 3 * torch.randn(4, len(CANDIDATES), HORIZON)
    with torch.no_grad():
        expected = old(
            inputs[:, :, [CHANNELS.index(name) for name in channels]],
            mixed[:, [CANDIDATES.index(name) for name in candidates]],
        )
        found = grow()(inputs, mixed)
    torch.testing.assert_close(found[:, :, less : len(QUANTILE_LEVELS) - less], expected, atol=1e-5, rtol=1e-5)
    # further quantiles lie as far out as the outermost ones were from their neighbours
    steps, known = found.diff(dim=2), expected.diff(dim=2)
    for number in range(less):
        torch.testing.assert_close(steps[:, :, number], known[:, :, 0], atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(steps[:, :, -1 - number], known[:, :, -1], atol=1e-4, rtol=1e-4)


def test_a_new_candidate_has_next_to_no_weight_but_some_to_learn_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = make_old(monkeypatch, tmp_path, channels=CHANNELS, candidates=CANDIDATES[1:], less=0)
    inputs, mixed = torch.randn(4, 20 + HORIZON, len(CHANNELS)), 3 * torch.randn(4, len(CANDIDATES), HORIZON)
    with torch.no_grad():
        gone = (grow()(inputs, mixed) - old(inputs, mixed[:, 1:])).abs()
    assert 0 < gone.max() < 0.02


def test_the_base_model_that_has_all_is_not_changed() -> None:
    card, _, path = read_base()
    assert (card.encoding.channels, card.encoding.candidates) == (CHANNELS, CANDIDATES)
    grown, shipped = grow_base(card.network), load(path.read_bytes())
    assert grown.keys() == shipped.keys()
    for name, weight in shipped.items():
        torch.testing.assert_close(grown[name], weight, rtol=0, atol=0)


def test_a_network_of_another_size_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"The base model is an lstm of \d layers .* Leave out --from-base"):
        grow_base(SHAPE)
