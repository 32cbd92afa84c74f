"""What all series show together of covariates: used only where the held-out windows get better, and remembered."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.errors import ConfigurationError, UsageError
from forecaster.learning import sharing
from forecaster.learning.dataset import LearningData, divide
from forecaster.learning.gate import Gain as ErrorGain
from forecaster.learning.plan import TrainingPlan
from forecaster.learning.sharing import Gain, decide_sharing
from forecaster.library.inputs import read_data
from forecaster.model.card import NEWER_PARTS
from forecaster.model.folder import read_card, read_network, read_weights, write_model
from forecaster.settings import NetworkShape, TrainingSettings
from tests.conftest import Command
from tests.test_pooled_effects import HORIZON, make_table, read

PLAN = TrainingPlan(horizon=HORIZON)
TINY = ("--from-scratch", "--hidden", "4", "--layers", "1", "--steps", "1", "--context", "20")
READING = ("--id", "shop", "--target", "sales", "--known", "promo", "--static", "region")
BETTER, SAME, WORSE = Gain("MASE", 1.0, 0.9), Gain("WQL", 1.0, 1.0), Gain("WQL", 1.0, 1.1)


def make_data() -> LearningData:
    return divide(read(make_table(), static=("region",)), plan=PLAN)


@pytest.mark.parametrize(
    ("whole", "error", "short", "reach"),
    [
        ((BETTER, SAME), 0.05, (WORSE,), None),
        ((BETTER, SAME), 0.1, (WORSE,), 0),
        ((BETTER, SAME), 0.1, (BETTER,), 48),
        ((SAME, SAME), 0.0, (BETTER, SAME), 48),
        ((BETTER, WORSE), 0.0, (BETTER,), 48),
        ((SAME,), 0.0, (SAME,), 0),
        ((WORSE,), 0.0, (BETTER, WORSE), 0),
        ((), 0.0, (), 0),
    ],
)
def test_they_are_used_where_some_score_gets_better_by_more_than_chance_and_none_worse(
    monkeypatch: pytest.MonkeyPatch, whole: tuple[Gain, ...], error: float, short: tuple[Gain, ...], reach: int | None
) -> None:
    data = make_data()
    monkeypatch.setattr(sharing, "_compare", lambda pairs: whole if len(pairs) == 1 else short)
    monkeypatch.setattr(sharing, "_measure_gain", lambda *_, **__: ErrorGain(0.1, error))
    found = decide_sharing(data, plan=PLAN)
    assert found is not None
    assert found.names == ("promo",)
    assert (0 if found.effects is None else found.effects.reach) == reach
    assert found.as_plain()["used"] == {None: "all", 48: "short", 0: "none"}[reach]


def test_without_covariates_or_with_few_series_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_compare", None)
    for table in (make_table().drop(columns="promo").dropna(), make_table(series=4, short=0)):
        known = ("promo",) if "promo" in table else ()
        reading = forecaster.ReadOptions(ids=("shop",), target="sales", known=known)
        panel = read_data(table, reading=reading).panel
        assert decide_sharing(divide(panel, plan=PLAN), plan=PLAN) is None


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with shops, some of them new, their future, and a small model of them."""
    folder = tmp_path_factory.mktemp("shared")
    table = make_table()
    future = table[table["sales"].isna()]
    table.dropna().to_csv(folder / "data.csv", index=False)
    future[["shop", "date", "promo"]].to_csv(folder / "future.csv", index=False)
    return folder


@pytest.fixture
def trained(forecast: Command, shared: Path) -> Path:
    """The folder of `shared`, with a model; trained once."""
    if not (shared / "model").exists():
        outcome = forecast(
            "train", shared / "data.csv", *READING, "--horizon", HORIZON, *TINY, "--model", shared / "model", "--json"
        )
        assert outcome.code == 0, outcome.stderr
        (shared / "said.txt").write_text(outcome.stderr)
        (shared / "said.json").write_text(outcome.stdout)
    return shared


def predict(forecast: Command, folder: Path, data: str | Path, *words: str | Path) -> tuple[pd.DataFrame, str]:
    output = Path("forecasts.csv")
    given = ("predict", data, "--model", folder / "model", "--future", folder / "future.csv", "-o", output)
    outcome = forecast(*given, *words)
    assert outcome.code == 0, outcome.stderr
    return pd.read_csv(output).set_index("shop"), outcome.stderr


def test_new_series_profit_from_a_training_and_so_do_those_of_another_file(forecast: Command, trained: Path) -> None:
    said = (trained / "said.txt").read_text()
    assert "What all series show together of promo, by region, made the held-out windows better" in said
    assert re.search("learns? from the others, too\\.", said)
    summary = json.loads((trained / "said.json").read_text())["shared_effects"]
    assert summary["columns"] == ["promo"]
    assert summary["static"] == ["region"]
    assert summary["used"] in ("all", "short")
    assert summary["held_out_short"]["MASE"]["shared"] < summary["held_out_short"]["MASE"]["own"]
    assert json.loads((trained / "model/model.json").read_text())["format_version"] == NEWER_PARTS["pooled"]
    found, said = predict(forecast, trained, trained / "data.csv")
    # neither is it too little to learn from, nor has it no effect
    assert "too few to learn" not in said
    assert "never changes in the past" not in said
    raised = {shop: found["forecast"][found.index == shop].to_numpy() for shop in ("s17", "s18", "s19")}
    for shop, factor in (("s17", 1.2), ("s18", 2.0), ("s19", 1.2)):
        assert raised[shop][1] / raised[shop][0] == pytest.approx(factor, rel=0.2)
    rows = pd.read_csv(trained / "data.csv")
    rows[rows["shop"] == "s18"].assign(region="west").to_csv("new.csv", index=False)
    pd.read_csv(trained / "future.csv").query("shop == 's18'").to_csv("later.csv", index=False)
    new, said = predict(forecast, trained, "new.csv", "--future", "later.csv")
    assert "region: 'west' not seen in training, so it counts as unknown: s18" in said
    assert 1.3 < new["forecast"].iloc[1] / new["forecast"].iloc[0] < 1.8


def test_a_model_that_is_written_again_forecasts_the_same_to_the_last_digit(forecast: Command, trained: Path) -> None:
    card = read_card(trained / "model")
    Path("model").mkdir()
    network, weights = (part(trained / "model", card=card) for part in (read_network, read_weights))
    write_model(Path("model"), card=card, network=network, weights=weights)
    one, _ = predict(forecast, trained, trained / "data.csv")
    other = forecast("predict", trained / "data.csv", "--future", trained / "future.csv", "-o", "other.csv")
    assert other.code == 0, other.stderr
    pd.testing.assert_frame_equal(pd.read_csv("other.csv").set_index("shop"), one, check_exact=True)


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        ("units", [], "'pooled.units', 'lowest' and 'highest' are not one for each name"),
        ("coefficients", [1.0], "'pooled.attributes' do not match the coefficients"),
        ("attributes", [], None),
        ("coefficients", [], "'pooled.coefficients' do not match the number of names"),
        ("reach", "x", "'pooled.reach' is not a whole number"),
    ],
)
def test_broken_effects_are_named(
    forecast: Command, trained: Path, place: str, value: object, reason: str | None
) -> None:
    card = read_card(trained / "model")
    Path("model").mkdir()
    network, weights = (part(trained / "model", card=card) for part in (read_network, read_weights))
    write_model(Path("model"), card=card, network=network, weights=weights)
    content = json.loads(Path("model/model.json").read_text())
    content["pooled"][place] = value
    Path("model/model.json").write_text(json.dumps(content))
    outcome = forecast("predict", trained / "data.csv", "--future", trained / "future.csv", "-o", "-")
    assert outcome.code == (78 if reason else 0), outcome.stderr
    assert reason is None or reason in outcome.stderr


def test_the_frames_of_python_do_the_same_and_a_useless_attribute_is_said(trained: Path) -> None:
    del trained
    table = make_table()
    reading = forecaster.ReadOptions(ids=("shop",), target="sales", known=("promo",), static=("size",))
    said: list[str] = []
    settings, shape = TrainingSettings(steps=1), NetworkShape(layers=1, hidden=4)
    plan = TrainingPlan(horizon=HORIZON, shape=shape, settings=settings, from_base=False, context_length=20)
    model = forecaster.train(table.dropna(), plan=plan, reading=reading, on_remark=said.append)
    assert model.unused_static == ("size",)
    assert any("size (--static) changed no effect in a way that helps other series: not used." in line for line in said)
    assert model.sharing is not None
    later = table.loc[table["sales"].isna(), ["shop", "date", "promo"]]
    found = model.predict(table.dropna(), future=later).set_index("shop")["forecast"]
    assert found["s18"].iloc[1] / found["s18"].iloc[0] > 1.2
    plain = forecaster.train(
        table.dropna().drop(columns="promo"),
        plan=plan,
        reading=forecaster.ReadOptions(ids=("shop",), target="sales", static=("size",)),
    )
    assert plain.trained_card.pooled is None
    plain.save("plain")
    assert "pooled" not in json.loads(Path("plain/model.json").read_text())
    assert np.isfinite(plain.predict(table.dropna().drop(columns="promo"))["forecast"]).all()


def test_later_data_may_lack_attributes_that_change_nothing_and_what_does_not_fit_is_said() -> None:
    table = make_table()
    reading = forecaster.ReadOptions(ids=("shop",), target="sales", known=("promo",), static=("region", "size"))
    settings, shape = TrainingSettings(steps=1), NetworkShape(layers=1, hidden=4)
    plan = TrainingPlan(horizon=HORIZON, shape=shape, settings=settings, from_base=False, context_length=20)
    model = forecaster.train(table.dropna(), plan=plan, reading=reading)
    assert model.unused_static == ("size",)
    expected = model.predict(table)
    # a column that stands alone is not taken for anything else
    for one in (table.drop(columns="size"), table.drop(columns="size").assign(floor=1)):
        pd.testing.assert_frame_equal(model.predict(one), expected)
    with pytest.raises(ConfigurationError, match="--static region: the frame has no such column"):
        model.predict(table.drop(columns="region"))
    with pytest.raises(UsageError, match="--static size: the frame has no such column"):
        model.predict(table.drop(columns="size"), reading=forecaster.ReadOptions(static=("region", "size")))
    said: list[str] = []
    new = table[table["shop"] == "s19"]
    plain = model.predict(new.assign(region="west"), on_remark=said.append)
    assert any("region: 'west' not seen in training, so it counts as unknown: s19" in line for line in said)
    for region, line in (
        (7, "region: numbers here and words in training, so it counts as unknown"),
        (None, "no row has"),
    ):
        pd.testing.assert_frame_equal(model.predict(new.assign(region=region), on_remark=said.append), plain)
        assert any(line in one for one in said)
