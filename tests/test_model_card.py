"""The model card: nested, with the type of every value checked, and read from every format version."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.errors import ConfigurationError
from forecaster.model.folder import read_card
from forecaster.report.inspection import list_facts
from tests.conftest import Command
from tests.model_versions import KEPT_FOLDERS

NEWER = (
    "regression",
    "has_regression",
    "effect",
    "outside",
    "regression_error_to_noise",
    "regression_rows",
    "regression_freedom",
    "effect_share",
    "effect_shrinkage",
    "zero_share",
    "steps_since_positive",
)
"""Channels and candidates that the networks of the kept folders do not have."""


@pytest.fixture
def model(trained: Path, tmp_path: Path) -> Path:
    """A copy of the small model, beside the data that it was trained on."""
    shutil.copy(trained / "shops.csv", tmp_path)
    return shutil.copytree(trained / "model", tmp_path / "copy")


def read_content(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "model.json").read_text())
    return content


def write_content(folder: Path, content: dict[str, Any]) -> None:
    (folder / "model.json").write_text(json.dumps(content))


def find_part(content: dict[str, Any], place: str) -> tuple[dict[str, Any], str]:
    """The object that holds the value at `place`, such as 'training/until', and the key of the value."""
    *parents, key = place.split("/")
    for parent in parents:
        content = content[parent]
    return content, key


def set_value(folder: Path, place: str, value: object) -> None:
    content = read_content(folder)
    part, key = find_part(content, place.replace(".", "/"))
    part[key] = value
    write_content(folder, content)


def list_places(content: dict[str, Any], before: str = "") -> Iterator[str]:
    """The path of every value and object in `content`, such as 'training/until'; file names have dots."""
    for key, value in content.items():
        yield before + key
        if isinstance(value, dict):
            yield from list_places(value, before=f"{before}{key}/")


def test_every_value_of_a_wrong_type_is_named(model: Path) -> None:
    places = list(list_places(read_content(model)))
    assert {"training/settings/seed", "scores/Naive/coverage/0.8", "encoding/candidates"} < {*places}
    content = read_content(model)
    for place in set(places) - {"format_version"}:
        changed = change_type(content, place)
        write_content(model, changed)
        with pytest.raises(
            ConfigurationError,
            # an object in the place of null lacks its fields
            match=re.escape(f"model.json: the model folder is broken: '{place.replace('/', '.')}") + r"(\.\w+)?' is",
        ):
            read_card(model)


@pytest.mark.parametrize("folder", KEPT_FOLDERS[:-1], ids=lambda folder: folder.name)
def test_every_value_of_a_wrong_type_is_refused_in_older_versions(model: Path, folder: Path) -> None:
    content = read_content(folder)
    for place in set(list_places(content)) - {"seed"}:  # no longer kept: it is in the settings, too
        write_content(model, change_type(content, place))
        with pytest.raises(ConfigurationError, match=r"model\.json: "):
            read_card(model)


def change_type(content: dict[str, Any], place: str) -> dict[str, Any]:
    """A copy of `content` with a value that is not of the right type at `place`."""
    changed: dict[str, Any] = json.loads(json.dumps(content))
    part, key = find_part(changed, place)
    part[key] = 0 if isinstance(part[key], dict | list | str) else {}
    return changed


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        ("horizon", True, "'horizon' is not a whole number"),
        ("horizon", 10**30, "'horizon' is not a whole number of 64 bits"),
        ("horizon", 10**6, "'horizon' is not from 1 to 100000"),
        ("horizon", 60_001, "'horizon' of 60,001 steps (monthly) is longer than any that is learned"),
        ("calendar.multiple", 10**6, "'horizon' of 6 steps (every 1000000 months) is longer than any"),
        ("calendar", {"unit": "integer", "multiple": 1 << 60}, "'horizon' of 6 steps (numbered steps) is longer"),
        ("calendar", {"unit": "business_day", "multiple": 10**9}, "'horizon' of 6 steps (every 1000000000 bus"),
        ("calendar", {"unit": "microsecond", "multiple": 1 << 62}, "'horizon' of 6 steps (every "),
        ("quantile_levels", [0.1, "0.5", 0.9], "'quantile_levels' is not a finite number"),
        ("quantile_levels", [0.1, 0.5, 10**400], "'quantile_levels' is not a finite number"),
        ("quantile_levels", [0.1, 0.5, float("nan")], "'quantile_levels' is not a finite number"),
        ("quantile_levels", [0, 0.5, 1], "'quantile_levels' are not ascending from above 0"),
        ("quantile_levels", [], "'quantile_levels' are not ascending from above 0"),
        ("encoding.context_length", 0, "'encoding.context_length' is not from 1 to"),
        ("encoding.context_length", 10**6, "'encoding.context_length' is not from 1 to 100000"),
        ("encoding.periods", [10**7], "'encoding.periods' are not one or two periods"),
        ("encoding.periods", [12, 7], "'encoding.periods' do not ascend"),
        ("encoding.candidates", ["naive", "naive"], "'encoding.candidates' are not different names"),
        ("source.data", "a\0b", "'source.data' is not text that can be written"),
        ("source.time_column", "\ud800", "'source.time_column' is not text that can be written"),
        ("versions", {"\ud800": "1"}, "a name in 'versions' is not text that can be written"),
        ("calendar.multiple", 0, "'calendar.multiple' is not from 1 to"),
        ("calendar.multiple", -(10**30), "'calendar.multiple' is not a whole number of 64 bits"),
        ("season", -1, "'season' is not from 1 to 1000000"),
        ("network.hidden", 10**6, "'network.hidden' is not from 1 to"),
        ("network.layers", 0, "'network.layers' is not from 1 to"),
        ("network.dropout", -0.5, "'network.dropout' is not from 0 to 1"),
        ("network.peepholes", ["input", "input"], "'network.peepholes' are not some of"),
        ("network.memory_steps", 0, "'network.memory_steps' is below 1"),
        ("quantile_levels", [0.1, 0.5, 0.95], "'quantile_levels' are not symmetric"),
        ("quantile_levels", [0.5, 0.5, 0.5], "'quantile_levels' are not ascending"),
        ("training.observations", -1, "'training.observations' is below 0"),
        ("training.interpolation_weight", 1.5, "'training.interpolation_weight' is not from 0 to 1"),
        ("scores.Naive.coverage", {"0.8": 1.5}, "the 'coverage' in 'scores' is not from 0 to 1"),
        ("encoding.channels", ["value", 7], "'encoding.channels' is not text"),
        ("calendar.unit", "fortnight", "'calendar.unit' is not one of microsecond, "),
        ("network.cell", "abacus", "'network.cell' is not one of lstm, "),
        ("source.read_options.duplicates", "keep", "'source.read_options.duplicates' is not one of refuse, "),
        ("training.settings.steps", "many", "'training.settings.steps' is not a whole number"),
        ("training.earlier_ends", {"north": 7}, "'training.earlier_ends.north' is not text"),
        ("calibration.factors", [[1.0]], "'calibration.factors' does not match"),
        ("calibration.factors", [], "'calibration.factors' does not match"),
        ("calibration.factors", [[-1.0] * 8], "'calibration.factors' are not from 0 to 1e+100"),
        ("calibration.factors", [[1e300] * 8], "'calibration.factors' are not from 0 to 1e+100"),
        ("calibration.factors", [[float("nan")] * 8], "'calibration.factors' is not a finite number"),
        ("calibration.edges", [3], "'calibration.edges' do not ascend from 0"),
        ("calibration.edges", [0, 0], "'calibration.edges' do not ascend from 0"),
        ("calibration.residuals", [-1], "'calibration.residuals' is not a count for each edge"),
        ("calibration.uncalibrated", [80.0], "'calibration.uncalibrated' are not between 0 and 1"),
    ],
)
def test_a_wrong_nested_value_is_named(model: Path, place: str, value: object, reason: str) -> None:
    set_value(model, place, value)
    with pytest.raises(ConfigurationError, match=re.escape(reason)):
        read_card(model)


@pytest.mark.parametrize(
    ("command", "place", "value", "reason"),
    [
        ("predict", "quantile_levels", [0.1, 0.5, 0.9], "it is not the network that model.json describes: 2 lstm"),
        ("evaluate", "training.until", "the day before", "'training.until' or 'training.earlier_ends' is no timestamp"),
        ("inspect", "network.layers", 7, "it is not the network that model.json describes: 7 lstm layers"),
        ("inspect", "network.cell", "gru", "it is not the network that model.json describes: 2 gru layers"),
        ("predict", "network.hidden", 8000, "are more than any network has"),
    ],
)
def test_a_card_that_does_not_match_the_other_files_ends_with_78(
    model: Path, forecast: Command, command: str, place: str, value: object, reason: str
) -> None:
    set_value(model, "calibration", None)
    set_value(model, place, value)
    data = model.parent / "shops.csv"
    outcome = forecast(command, *([model, data] if command == "inspect" else [data, "--model", model]))
    assert outcome.code == 78, outcome.stderr
    assert reason in outcome.stderr


def test_a_horizon_of_the_card_that_reaches_beyond_the_last_year_ends_with_78(model: Path, forecast: Command) -> None:
    set_value(model, "horizon", 100_000)
    outcome = forecast("predict", model.parent / "shops.csv", "--model", model)
    assert outcome.code == 78
    assert "'horizon' of 100,000 steps (monthly) is longer than any that is learned" in outcome.stderr
    set_value(model, "horizon", 60_000)
    assert read_card(model).horizon == 60_000


@pytest.mark.parametrize("place", ["calibration", "training/until", "source/read_options", "encoding/candidates"])
def test_a_missing_field_is_named(model: Path, place: str) -> None:
    content = read_content(model)
    part, key = find_part(content, place)
    del part[key]
    write_content(model, content)
    with pytest.raises(ConfigurationError, match=f"'{place.replace('/', '.')}' is missing"):
        read_card(model)


def test_unknown_fields_are_ignored_and_missing_newer_settings_get_their_defaults(model: Path) -> None:
    card = read_card(model)
    content = read_content(model)
    content["training"]["settings"]["momentum"] = 0.9
    del content["training"]["settings"]["patience"]
    write_content(model, content)
    assert read_card(model) == card


def test_the_scores_of_older_versions_say_whether_intervals_were_calibrated(model: Path) -> None:
    content = read_content(KEPT_FOLDERS[1])
    scores = content["scores"]["forecast"]
    scores["uncalibrated_coverage"] = scores.pop("coverage")
    write_content(model, content)
    read = read_card(model).scores
    assert (read["forecast"].is_calibrated, read["Naive"].is_calibrated) == (False, True)
    assert read["forecast"].coverage == scores["uncalibrated_coverage"]
    assert read["forecast"].overall.keys() == {"MASE", "RMSSE", "sMAPE", "WAPE", "WQL", "bias"}


def test_an_older_version_without_calibration_has_none(model: Path) -> None:
    write_content(model, read_content(KEPT_FOLDERS[1]) | {"calibration": {}})
    assert read_card(model).calibration is None


def test_settings_of_version_1_get_their_current_names(model: Path) -> None:
    content = read_content(KEPT_FOLDERS[0])
    content["training"] |= {"least_steps": 7, "most_steps": 8, "doubt": 2.5, "distance_share": 0.25}
    write_content(model, content)
    training = read_card(model).training
    assert (training.settings.min_steps, training.settings.max_steps, training.settings.shrinkage) == (7, 8, 2.5)
    assert training.interpolation_weight == 0.25


@pytest.mark.parametrize("folder", KEPT_FOLDERS)
def test_channels_and_candidate_forecasts_of_older_cards_get_their_current_names(folder: Path) -> None:
    encoding = read_card(folder).encoding
    kept = [tuple(name for name in names if name not in NEWER) for names in (CHANNELS, CANDIDATES)]
    assert [encoding.channels, encoding.candidates] == kept


def test_facts_show_a_day_as_one_and_a_single_factor_once(model: Path) -> None:
    card = read_card(model)
    assert card.training.until.endswith("T00:00:00.000000")
    assert card.calibration is not None
    row = card.calibration.factors[0]
    for last, shown in ((1.2, "× 1.20"), (1.31, "× 1.20 to 1.31 over the horizon")):
        calibration = replace(
            card.calibration, edges=[0, 3], factors=[[first, *row[1:]] for first in (1.2, last)], residuals=[9, 9]
        )
        facts = dict(list_facts(replace(card, calibration=calibration), parameters=1))
        assert facts["calibration"] == f"widest interval {shown}"
        assert re.search(r", until \d{4}-\d\d-\d\d\)$", facts["learned from"])
