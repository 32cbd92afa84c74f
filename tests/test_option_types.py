"""Options of Python: words that there are not, and values of a wrong type, are refused in all classes of options."""

from collections.abc import Callable
from dataclasses import Field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.errors import UsageError

# values of wrong types are given to them on purpose
library: Any = forecaster
settings: Any = forecaster.settings
RESULTS = ("Findings", "Model", "Monitoring", "Scores")
"""Classes that the library makes, and not its users."""
OPTIONS = [
    kind
    for name in forecaster.__all__
    if is_dataclass(kind := getattr(forecaster, name)) and isinstance(kind, type) and name not in RESULTS
]
NEEDED: dict[type, dict[str, Any]] = {library.NightPlan: {"data": ("sales.csv",)}}
FIELDS = [(kind, field) for kind in OPTIONS for field in fields(kind)]
FRAME = pd.DataFrame({"ds": pd.date_range("2020-01-01", periods=40, freq="MS"), "y": np.arange(40.0)})


def find_words(kind: Any) -> bool:
    """Whether a field takes words of a fixed list."""
    kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return any(get_origin(part) is Literal for part in (kind, *get_args(kind)))


def name_field(given: object) -> str:
    return given.name if isinstance(given, Field) else getattr(given, "__name__", "")


WORDS = [(kind, field) for kind, field in FIELDS if find_words(field.type)]


def test_there_are_fields_of_fixed_words() -> None:
    assert {kind.__name__ for kind, _ in WORDS} >= {"Drawing", "EndOptions", "NightPlan", "ReadOptions", "Retraining"}


@pytest.mark.parametrize(("kind", "field"), WORDS, ids=name_field)
@pytest.mark.parametrize("typo", ["Own", "keep", "Forecast", 3])
def test_a_word_that_there_is_not_is_refused(kind: type, field: Any, typo: object) -> None:
    with pytest.raises(UsageError, match=f"^{field.name} {typo!r}: not one of "):
        kind(**NEEDED.get(kind, {}) | {field.name: typo})


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=name_field)
@pytest.mark.parametrize("wrong", [object(), {"a": 1}, FRAME, [[1]]], ids=["object", "dict", "frame", "list"])
def test_a_value_of_a_wrong_type_is_refused(kind: type, field: Any, wrong: object) -> None:
    with pytest.raises(UsageError, match="season" if field.name == "seasons" else f"^{field.name} .*: not "):
        kind(**NEEDED.get(kind, {}) | {field.name: wrong})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: library.ReadOptions(fill="0"), "fill '0': not a number. --fill: Value that a missing row means"),
        (lambda: library.ReadOptions(target=0), "target 0: not text in quotes. --target: Column to forecast"),
        (lambda: library.Bounds(lowest="5"), "lowest '5': not a number. --min: "),
        (lambda: library.Bounds(allow_negative="no"), "allow_negative 'no': not True or False."),
        (lambda: library.Gates(max_change=0.5), "max_change 0.5: not text in quotes. --max-change: .* such as 50%"),
        (lambda: library.Gates(max_age=5), "max_age 5: not text in quotes. --max-age: .* 36h, 2d"),
        (lambda: library.Gates(min_rows="10"), "min_rows '10': not a whole number."),
        (
            lambda: library.NightPlan(("a.csv",), gates={"max_age": "5d"}),
            r"gates {.*}: not forecaster.Gates, such as Gates\(max_age=…\)",
        ),
        (
            lambda: library.TrainingPlan(settings={"steps": 3}),
            r"settings {'steps': 3}: not forecaster.settings.TrainingSettings, such as TrainingSettings\(steps=…\)",
        ),
        (lambda: library.TrainingPlan(settings=settings.TrainingSettings(steps="3")), "steps '3': not a whole number"),
        (
            lambda: library.TrainingPlan(shape=settings.NetworkShape(cell="abacus")),
            "shape: 'network.cell' is not one of lstm, peephole",
        ),
        (
            lambda: library.TrainingPlan(shape=settings.NetworkShape(peepholes="inputs")),
            "shape: 'network.peepholes' are not some of input, ",
        ),
        (lambda: library.TrainingPlan(shape=settings.NetworkShape(hidden=0.5)), "hidden 0.5: not a whole number"),
        (lambda: library.NightPlan(FRAME), "data ds y .*: not a tuple or a list, of which each is text in quotes"),
    ],
)
def test_what_is_meant_is_said(make: Callable[[], object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make()


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (library.NightPlan("sales.csv"), library.NightPlan(("sales.csv",))),
        (library.NightPlan(Path("sales.csv")), library.NightPlan(("sales.csv",))),
        (library.NightPlan([Path("a.csv"), "b.csv"]), library.NightPlan(("a.csv", "b.csv"))),
        (library.NightPlan("a.csv", "m", "runs2"), library.NightPlan(("a.csv",), Path("m"), Path("runs2"))),
        (library.NightPlan("a.csv", horizon=np.int64(3)), library.NightPlan(("a.csv",), horizon=3)),
        (library.NightPlan("a.csv", level=np.array([80, 90])), library.NightPlan(("a.csv",), level=(80, 90))),
        (library.Drawing(picks="worst", series="north"), library.Drawing(picks=("worst",), series=("north",))),
        (library.ReadOptions(ids="shop", known=["a"]), library.ReadOptions(ids=("shop",), known=("a",))),
        (library.ReadOptions(wide=np.bool_(True), fill=np.float32(0.5)), library.ReadOptions(wide=True, fill=0.5)),
        (library.EndOptions(None), library.EndOptions()),
    ],
)
def test_what_is_meant_is_taken(given: object, meant: object) -> None:
    assert given == meant
    assert [type(value) for value in vars(given).values()] == [type(value) for value in vars(meant).values()]


def test_one_baseline_is_one() -> None:
    pytest.importorskip("statsforecast")
    assert library.BacktestPlan(baselines="AutoETS").baselines == ("AutoETS",)


@pytest.mark.parametrize(
    ("call", "given", "message"),
    [
        ("predict", {"bounds": (0, 100)}, r"bounds \(0, 100\): not forecaster.Bounds, such as Bounds\(lowest=…\)"),
        ("predict", {"ends": "own"}, "ends 'own': not forecaster.EndOptions"),
        ("predict", {"mean": "yes"}, "mean 'yes': not True or False"),
        ("predict", {"future_fill": "avg"}, "future_fill 'avg': not one of last, seasonal, mean, zero"),
        ("predict", {"on_remark": "print"}, "on_remark 'print': not a function"),
        ("predict", {"horizon": "14"}, "horizon '14': not a whole number"),
        ("predict", {"reading": {"ids": "shop"}}, "reading {'ids': 'shop'}: not forecaster.ReadOptions"),
        ("evaluate", {"bounds": 5}, "bounds 5: not forecaster.Bounds"),
        ("train", {"plan": {"horizon": 3}}, "plan {'horizon': 3}: not forecaster.TrainingPlan"),
        ("train", {"control": print}, "control .*: not forecaster.RunControl"),
        ("template", {"ends": "own"}, "ends 'own': not forecaster.EndOptions"),
    ],
)
def test_arguments_of_a_wrong_type_are_refused(call: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        getattr(library, call)(FRAME, **given)


@pytest.mark.parametrize("given", [{"series": 3.5}, {"horizon": "3"}, {"future_fill": "avg"}])
def test_arguments_of_an_explanation_are_checked(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(UsageError, match=f"{name} .*: not "):
        forecaster.load("base").explain(FRAME, **given)


def test_a_plan_of_a_night_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match=r"plan 'sales.csv': not forecaster.NightPlan, such as NightPlan\(data"):
        library.run_night("sales.csv")


@pytest.mark.parametrize(
    "several", [iter, lambda levels: map(float, levels), np.array, set], ids=["iterator", "map", "array", "set"]
)
def test_numbers_of_anything_that_gives_them_are_taken(several: Any) -> None:
    found = forecaster.predict(FRAME, horizon=2, level=several([80]), quantile_levels=several([0.25]))
    assert [*found] == ["ds", "forecast", "forecast-lo-80", "forecast-hi-80", "forecast-q-25"]


@pytest.mark.parametrize("wrong", [80, "80", np.array(80), ["80"], [True]], ids=str)
def test_levels_that_are_no_numbers_are_refused(wrong: Any) -> None:
    with pytest.raises(UsageError, match=r"^--level .*: not a list or a tuple of numbers"):
        forecaster.predict(FRAME, level=wrong)


def test_no_function_for_remarks_is_none() -> None:
    expected = forecaster.predict(FRAME, horizon=2)
    pd.testing.assert_frame_equal(library.predict(FRAME, horizon=2, on_remark=None), expected)
    plan = forecaster.BacktestPlan(horizon=2)
    assert library.evaluate(FRAME, plan=plan, on_remark=None).overall.equals(
        forecaster.evaluate(FRAME, plan=plan).overall
    )
    known = FRAME.assign(price=1.0)
    assert len(library.template(known, horizon=2, reading=library.ReadOptions(known="price"), on_remark=None)) == 2


@pytest.mark.parametrize("series", [2, np.int64(2), "2"], ids=repr)
def test_a_series_may_be_named_by_its_number(series: Any) -> None:
    frame = pd.concat([FRAME.assign(shop=number, y=number * FRAME["y"]) for number in (1, 2)])
    model, reading = forecaster.load("base"), forecaster.ReadOptions(ids=("shop",))
    found = model.explain(frame, series=series, reading=reading)
    np.testing.assert_array_equal(found.history, 2 * FRAME["y"])
    with pytest.raises(UsageError, match="7"):
        model.explain(frame, series=7, reading=reading)
