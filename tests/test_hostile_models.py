"""A model folder from a stranger is refused with 78 and a sentence, or it forecasts soundly; whatever is in it."""

import hashlib
import json
import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
import torch

from forecaster.errors import ConfigurationError
from forecaster.forecasting.opening import open_forecaster
from forecaster.library.opening import find_model
from forecaster.model.base import read_base
from forecaster.model.folder import read_card, read_network
from forecaster.model.network import find_mistake
from forecaster.network.names import list_sizes
from forecaster.network.onnx_graph import build_graph
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import CELLS, PEEPHOLES, NetworkShape
from tests.conftest import Command
from tests.hostile_models import CHANGES
from tests.model_versions import KEPT_FOLDERS

SIZES: Any = {"candidates": 3, "quantiles": 5}
SHAPES = [
    *(NetworkShape(layers, 4, 0.1, cell) for cell in CELLS for layers in (1, 2)),
    NetworkShape(2, 4, 0.1, "peephole", PEEPHOLES[1:2]),
    NetworkShape(1, 4, 0.1, "peephole", ()),
]


@pytest.fixture
def model(trained: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained / "model", tmp_path / "copy")


def build(shape: NetworkShape, *, channels: int = 6, seed: int = 0) -> tuple[dict[str, Any], bytes]:
    """The weights of a new network, and its ONNX file."""
    torch.manual_seed(seed)
    network = StackedLSTM(shape, channels=channels, **SIZES)
    # biases are zero at first
    weights = {name: (values + torch.rand_like(values)).numpy() for name, values in network.state_dict().items()}
    return weights, build_graph(weights, shape=shape, **SIZES)


def _write(named: tuple[str, Any]) -> bytes:
    """The bytes of a weight of an RNN in its ONNX file, which has matrices of linear layers transposed."""
    name, values = named
    return np.ascontiguousarray(values if name.startswith("layers.") else values.T).tobytes()


def replace_network(folder: Path, change: Callable[[bytes], bytes]) -> None:
    """Replace the network and its checksum."""
    path = next(folder.glob("network*.onnx"))
    card = json.loads((folder / "model.json").read_text())
    path.write_bytes(change(path.read_bytes()))
    card["checksums"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "model.json").write_text(json.dumps(card))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_sizes_of_all_weights_are_known_and_the_network_of_any_weights_is_recognised(shape: NetworkShape) -> None:
    weights, network = build(shape)
    assert {name: values.shape for name, values in weights.items()} == list_sizes(shape, channels=6, **SIZES)
    onnx.checker.check_model(onnx.load_from_string(network), full_check=True)
    assert find_mistake(network, shape=shape, channels=6, **SIZES) is None
    for other in (replace(shape, layers=3), replace(shape, hidden=5), replace(shape, cell="gru", layers=4)):
        assert find_mistake(network, shape=other, channels=6, **SIZES) is not None, other
    assert find_mistake(network, shape=shape, channels=7, **SIZES) is not None
    assert find_mistake(network, shape=shape, channels=6, candidates=4, quantiles=4) is not None


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_networks_have_the_bytes_that_the_package_onnx_writes(shape: NetworkShape) -> None:
    network = build(shape)[1]
    assert onnx.load_from_string(network).SerializeToString(deterministic=True) == network


@pytest.mark.parametrize("shape", [NetworkShape(1, 4, cell="rnn"), NetworkShape(2, 4, cell="rnn")], ids=str)
def test_a_network_in_which_any_byte_differs_is_refused_unless_it_is_one_of_a_weight(shape: NetworkShape) -> None:
    weights, network = build(shape)
    spans = [(network.index(data), len(data)) for data in map(_write, weights.items())]
    for place in np.random.default_rng(0).choice(len(network), 40, replace=False):
        changed = bytearray(network)
        changed[place] ^= 1
        is_weight = any(begin <= place < begin + length for begin, length in spans)
        assert (find_mistake(bytes(changed), shape=shape, channels=6, **SIZES) is None) == is_weight, place


@pytest.mark.parametrize("folder", KEPT_FOLDERS, ids=lambda folder: folder.name)
def test_networks_of_older_versions_are_recognised(folder: Path) -> None:
    card = read_card(folder)
    network = read_network(folder, card=card)
    described: Any = {"channels": len(card.encoding.channels), "candidates": len(card.encoding.candidates)}
    described |= {"shape": card.network, "quantiles": len(card.quantile_levels)}
    assert find_mistake(network, **described) is None
    assert find_mistake(network + b"\0", **described) is not None


def test_the_base_model_is_what_its_card_says() -> None:
    card, network, _ = read_base()
    described: Any = {"channels": len(card.encoding.channels), "candidates": len(card.encoding.candidates)}
    assert find_mistake(network, shape=card.network, quantiles=len(card.quantile_levels), **described) is None
    assert find_model(Path("base")).weights


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused(model: Path, value: float) -> None:
    def change(network: bytes) -> bytes:
        graph = onnx.load_from_string(network)
        head = next(constant for constant in graph.graph.initializer if constant.name == "head.bias")
        values = np.frombuffer(head.raw_data, np.float32).copy()
        values[3] = value
        head.raw_data = values.tobytes()
        return bytes(graph.SerializeToString(deterministic=True))

    replace_network(model, change)
    with pytest.raises(ConfigurationError, match="some of its weights are not finite numbers"):
        open_forecaster(model)


def test_finite_weights_that_are_too_large_end_with_78(model: Path, trained: Path, forecast: Command) -> None:
    def change(network: bytes) -> bytes:
        graph = onnx.load_from_string(network)
        for constant in graph.graph.initializer:
            if constant.name in ("output.weight", "output.bias"):
                constant.raw_data = np.full_like(np.frombuffer(constant.raw_data, np.float32), 3e38).tobytes()
        return bytes(graph.SerializeToString(deterministic=True))

    replace_network(model, change)
    outcome = forecast("predict", trained / "shops.csv", "--model", model)
    assert outcome.code == 78
    assert "not finite numbers" in outcome.stderr
    assert not Path("forecasts.csv").exists()


def test_weights_of_another_network_are_not_explained(model: Path, forecast: Command) -> None:
    path = next(model.glob("weights*.safetensors"))
    data = path.read_bytes()
    path.write_bytes(data[:-4] + struct.pack("<f", 7.0))
    card = json.loads((model / "model.json").read_text())
    card["checksums"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (model / "model.json").write_text(json.dumps(card))
    outcome = forecast("inspect", model)
    assert outcome.code == 78
    assert "network.onnx has other ones" in outcome.stderr


@pytest.mark.parametrize(
    ("place", "depth"), [("format_version", 990), ("horizon", 20), ("unknown", 990), ("unknown", 20_000)]
)
def test_deep_json_is_refused(model: Path, trained: Path, forecast: Command, place: str, depth: int) -> None:
    content = json.loads((model / "model.json").read_text()) | {place: "deep"}
    (model / "model.json").write_text(json.dumps(content).replace('"deep"', "[" * depth + "]" * depth))
    outcome = forecast("predict", trained / "shops.csv", "--model", model)
    assert outcome.code == 78
    assert "too deep within one another" in outcome.stderr or "it is not JSON" in outcome.stderr


@pytest.mark.parametrize("part", CHANGES)
def test_a_folder_with_random_changes_is_refused_or_forecasts_soundly(
    trained: Path, forecast: Command, part: str
) -> None:
    refused = 0
    for seed in range(30):
        shutil.rmtree("copy", ignore_errors=True)
        shutil.copytree(trained / "model", "copy")
        how = CHANGES[part](np.random.default_rng([7, seed]), Path("copy"))
        words = ["inspect", "copy"] if part == "weights" else ["predict", trained / "shops.csv", "--model", "copy"]
        outcome = forecast(*words)
        assert outcome.code in (0, 2, 65, 66, 78), f"{seed}: {how}: {outcome.stderr}"
        if outcome.code:
            refused += 1
            assert outcome.stderr.strip().splitlines()[-1].startswith("error: "), how
        elif part != "weights":
            table = pd.read_csv("forecasts.csv")
            values = table.filter(like="forecast").to_numpy(float)
            assert np.isfinite(values).all(), how
            assert (table["forecast-lo-80"] <= table["forecast-hi-80"]).all(), how
    assert refused > 10


SECRETS = {
    "lines": "root:s3cret:0:0\ndaemon:s3cret2:1:1\n",
    "table": "date,sales\n2024-01-01,1\n2024-01-02,s3cret\n2024-01-03,3\n",
    "columns": "s3cret,date\nx,2024-01-01\n",
}


def remember(folder: Path, **source: object) -> None:
    """Let the card name other data."""
    card = json.loads((folder / "model.json").read_text())
    card["source"] |= source
    (folder / "model.json").write_text(json.dumps(card))


@pytest.mark.parametrize("content", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("command", ["predict", "evaluate", "inspect", "template"])
def test_a_file_that_only_the_model_names_is_not_shown(
    model: Path, forecast: Command, command: str, content: str
) -> None:
    Path("secret.csv").write_text(content)
    remember(model, data=str(Path("secret.csv").absolute()))
    words = [command, model, "--series", "s0"] if command == "inspect" else [command, "--model", model]
    outcome = forecast(*words)
    assert outcome.code in (65, 78)
    assert "s3cret" not in outcome.stderr + outcome.stdout
    assert "secret.csv: the data that the model remembers cannot be used. Name it to see why" in outcome.stderr
    # who names the file may see it
    words = [command, model, "secret.csv"] if command == "inspect" else [command, "secret.csv", "--model", model]
    assert "remembers cannot be used" not in forecast(*words).stderr


def test_a_file_of_holidays_that_only_the_model_names_is_not_shown(
    model: Path, trained: Path, forecast: Command
) -> None:
    Path("secret.csv").write_text("s3cret,2024-01-01\nother,s3cret too\nmore,2024-01-02\nmore,2024-01-03\n")
    card = json.loads((model / "model.json").read_text())
    remember(model, read_options=card["source"]["read_options"] | {"holidays": ["secret.csv"]})
    outcome = forecast("predict", trained / "shops.csv", "--model", model)
    assert outcome.code == 65
    assert "s3cret" not in outcome.stderr
    assert "add --holidays secret.csv" in outcome.stderr
    assert "s3cret" in forecast("predict", trained / "shops.csv", "--model", model, "--holidays", "secret.csv").stderr


@pytest.mark.parametrize("name", ["/dev/zero", "-"])
def test_a_device_without_end_is_not_read(model: Path, forecast: Command, name: str) -> None:
    remember(model, data=name, further_data=["other.csv"])
    outcome = forecast("predict", "--model", model)
    assert outcome.code == 78
    assert "names what is no file. Name the DATA to forecast" in outcome.stderr
