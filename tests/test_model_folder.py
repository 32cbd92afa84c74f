"""The model folder: read back as written, and refused when it is broken or hostile."""

import errno
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from safetensors.torch import load_file

from forecaster.data.read_options import ReadOptions
from forecaster.errors import ConfigurationError, NotFoundError
from forecaster.forecasting.opening import open_forecaster
from forecaster.model.card import FORMAT_VERSION
from forecaster.model.folder import read_card, read_network, read_weights, write_model
from forecaster.settings import NetworkShape
from tests.conftest import SAMPLES, Command
from tests.model_versions import KEPT_FOLDERS, list_names


@pytest.fixture
def model(trained: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained / "model", tmp_path / "copy")


def change(model: Path, **values: Any) -> None:
    card = json.loads((model / "model.json").read_text())
    (model / "model.json").write_text(json.dumps({**card, **values}))


def test_folder_has_three_files_and_no_values_of_the_data(trained: Path) -> None:
    card = read_card(trained / "model")
    network, weights_file = sorted(card.checksums)
    assert re.fullmatch(r"network-[0-9a-f]{12}\.onnx", network)
    assert re.fullmatch(r"weights-[0-9a-f]{12}\.safetensors", weights_file)
    assert list_names(trained / "model") == {"model.json", network, weights_file}
    assert card.network == NetworkShape(2, 8, 0.1)
    assert card.encoding.periods == (12,)
    assert card.source.read_options == ReadOptions(ids=("shop",))
    weights = load_file(trained / "model" / weights_file)
    assert weights["embedding.weight"].shape[0] == 8


def test_training_again_gives_the_same_bytes(trained: Path, forecast: Command) -> None:
    shutil.copy(trained / "shops.csv", "shops.csv")
    words = [
        "--id",
        "shop",
        "--horizon",
        "6",
        "--steps",
        "20",
        "--from-scratch",
        "--hidden",
        "8",
        "--context",
        "24",
        "--quiet",
    ]
    for folder in ("one", "two"):
        assert forecast("train", "shops.csv", *words, "--model", folder).code == 0
    one, two = ({path.name: path.read_bytes() for path in Path(folder).iterdir()} for folder in ("one", "two"))
    assert one == two


@pytest.mark.parametrize("folder", KEPT_FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_of_each_format_version_works_as_it_did(forecast: Command, folder: Path) -> None:
    data = SAMPLES / "air_passengers.csv"
    assert forecast("predict", data, "--model", folder).code == 0
    expected = pd.read_csv(folder.with_name(f"{folder.name}_forecasts.csv"))
    # other processors round differently
    pd.testing.assert_frame_equal(pd.read_csv("forecasts.csv"), expected, rtol=1e-4)
    evaluated = forecast("evaluate", data, "--model", folder, "--windows", "3")
    assert "3 of 3 windows lie in what the model was trained on" in evaluated.stderr
    inspected = forecast("inspect", folder)
    assert inspected.code == 0
    assert "1 series, 144 values, until 1960-12-01" in inspected.stderr


@pytest.mark.parametrize("folder", KEPT_FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_that_is_written_again_forecasts_the_same_to_the_last_digit(forecast: Command, folder: Path) -> None:
    card = read_card(folder)
    Path("written").mkdir()
    network, weights = read_network(folder, card=card), read_weights(folder, card=card)
    write_model(Path("written"), card=card, network=network, weights=weights)
    assert json.loads(Path("written/model.json").read_text())["format_version"] == FORMAT_VERSION
    assert replace(read_card(Path("written")), checksums=card.checksums) == card
    for model in (folder, "written"):
        output = f"{Path(model).name}.csv"
        assert forecast("predict", SAMPLES / "air_passengers.csv", "--model", model, "-o", output).code == 0
    assert Path("written.csv").read_bytes() == Path(f"{folder.name}.csv").read_bytes()


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_folder_that_was_packed_and_unpacked_forecasts_the_same(
    forecast: Command, trained: Path, model: Path, kind: str
) -> None:
    shutil.unpack_archive(shutil.make_archive("packed", kind, model), "unpacked")
    assert list_names(Path("unpacked")) == list_names(model)
    for folder in (trained / "model", model, "unpacked"):
        assert forecast("predict", trained / "shops.csv", "--model", folder, "-o", f"{Path(folder).name}.csv").code == 0
    assert Path("model.csv").read_bytes() == Path("copy.csv").read_bytes() == Path("unpacked.csv").read_bytes()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"format_version": 99}, "format version 99"),
        ({"horizon": "six"}, "'horizon' is not"),
        ({"horizon": 0}, "'horizon' is not from 1"),
        ({"encoding": {}}, "'encoding.channels' is missing"),
        (
            {"encoding": {"channels": ["x"], "candidates": ["naive"], "context_length": 1, "periods": [1]}},
            "another version",
        ),
        ({"calibration": {"nonsense": 1}}, "'calibration.edges' is missing"),
        ({"calendar": {"unit": "month"}}, "'calendar.multiple' is missing"),
        ({"checksums": {}}, "it names no network.onnx"),
        ({"checksums": {"../model/network-0123456789ab.onnx": "0"}}, "it names no network.onnx"),
        ({"checksums": {"network-../copy.onnx": "0"}}, "it names no network.onnx"),
        ({"checksums": {"network-0123456789ab.onnx\n": "0"}}, "it names no network.onnx"),
        ({"checksums": {"network-0123456789ab.onnx": "0"}}, "it is missing"),
    ],
)
def test_card_of_another_program_or_version_is_refused(model: Path, values: dict[str, Any], reason: str) -> None:
    change(model, **values)
    with pytest.raises(ConfigurationError, match=reason):
        open_forecaster(model)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not an object"),
        (b"{}", "version"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_file_that_is_not_a_card_is_refused(model: Path, content: bytes, reason: str) -> None:
    (model / "model.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match=reason):
        read_card(model)


def test_oversized_card_is_not_parsed(model: Path) -> None:
    (model / "model.json").write_bytes(b" " * (5 << 20))
    with pytest.raises(ConfigurationError, match="more than any model has"):
        read_card(model)


def test_card_without_read_permission_is_named(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigurationError, match=r"model\.json: cannot be read \(permission denied\)"):
        open_forecaster(model)


def test_files_of_different_versions_are_detected(model: Path) -> None:
    network = next(model.glob("network-*.onnx"))
    network.write_bytes(network.read_bytes()[:-1])
    with pytest.raises(ConfigurationError, match="does not belong"):
        open_forecaster(model)
    network.unlink()
    with pytest.raises(ConfigurationError, match="missing"):
        open_forecaster(model)


def test_the_error_for_a_missing_model_says_how_to_train_one() -> None:
    with pytest.raises(NotFoundError, match="forecast train DATA"):
        read_card(Path("nowhere"))


def test_broken_folder_ends_the_command_with_78(model: Path, trained: Path, forecast: Command) -> None:
    change(model, horizon="six")
    outcome = forecast("predict", trained / "shops.csv", "--model", model)
    assert outcome.code == 78
    assert "Traceback" not in outcome.stderr
    assert not Path("forecasts.csv").exists()
