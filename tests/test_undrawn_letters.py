"""Letters that no font of this machine has are named, and not drawn as boxes without a word."""

from pathlib import Path

import pytest

import forecaster
from forecaster.report.drawing import find_undrawn
from tests.conftest import SAMPLES, Command, make_monthly

AIRLINE = SAMPLES / "air_passengers.csv"


@pytest.fixture
def small_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw PNG and PDF with few pixels, as drawing takes as long as there are pixels."""
    monkeypatch.setattr("forecaster.report.drawing.RASTER_SCALE", 0.25)


@pytest.mark.usefixtures("small_pixels")
@pytest.mark.parametrize(("name", "is_named"), [("Süd 𓀀", True), ("Süd – Öst", False)])
def test_letters_that_no_font_has_are_named(forecast: Command, name: str, is_named: bool) -> None:
    make_monthly(series=2).replace({"shop": {"s1": name}}).to_csv("shops.csv", index=False)
    words = ["plot", "shops.csv", "--id", "shop", "--horizon", "3", "--series", "s0", "--series", name]
    said = f"No font of this machine has all letters of {name}: "
    assert (said in forecast(*words, "-o", "a.png").stderr) == is_named
    assert "No font" not in forecast(*words, "-o", "a.svg").stderr
    assert name in Path("a.svg").read_text()


@pytest.mark.usefixtures("small_pixels")
def test_letters_of_a_pdf_are_looked_for_too() -> None:
    name = "Süd 𓀀"
    make_monthly(series=2).replace({"shop": {"s1": name}}).to_csv("shops.csv", index=False)
    remarks: list[str] = []
    reading = forecaster.ReadOptions(ids=("shop",))
    drawing = forecaster.Drawing(series=(name,))
    forecaster.plot("shops.csv", "b.pdf", drawing=drawing, reading=reading, on_remark=remarks.append)
    assert any(f"No font of this machine has all letters of {name}: " in remark for remark in remarks)
    assert Path("b.pdf").read_bytes().startswith(b"%PDF")


def test_every_letter_is_looked_for_on_its_own() -> None:
    missing, drawn = "𓃰𓄿𓅓", "éÖßжع€–"
    many = "".join(map(chr, range(0x13000, 0x13000 + 130)))
    assert find_undrawn(drawn + missing + "abc" + many) == missing + many


@pytest.mark.parametrize(("text", "missing"), [("𓀀𓁐", "𓀀𓁐"), ("Привет", ""), ("e\u0301", "")])
def test_a_text_of_which_all_or_no_letters_are_drawn(text: str, missing: str) -> None:
    assert find_undrawn(text) == missing
