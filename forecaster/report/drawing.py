"""Draw a description with Lets-Plot: as an SVG, PNG or PDF file, or by its script in a page."""

import base64
import os
import re
import unicodedata
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from forecaster.errors import ConfigurationError, UsageError
from forecaster.report.descriptions import Description

__all__ = ["ENDINGS", "check_ending", "draw", "find_undrawn", "read_script", "require_plotting"]

ENDINGS = (".png", ".svg", ".pdf")
RASTER_SCALE, PDF_QUALITY, PDF_DPI = 2.0, 95, 192
MARK, PROBED, PROBE_SCALE = "I", 100, 1.0
"""What begins each line of the picture that shows which characters are drawn, its most lines, and its scale.

Drawing takes as long as there are pixels.
"""
FONT_SETTINGS = Path("/etc/fonts/fonts.conf")


def check_ending(output: str) -> None:
    """Raise UsageError where the ending of `output` names no format."""
    if not output.lower().endswith(ENDINGS):
        raise UsageError(f"--output {output}: its ending names no format. Use one of {', '.join(ENDINGS)}.")


def require_plotting() -> None:
    """Raise ConfigurationError, with the command that installs it, where Lets-Plot is not installed."""
    try:
        import lets_plot_kotlin_bridge  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(
            "Charts need Lets-Plot, which is not installed: pip install 'forecast-lstm[plot]'."
        ) from error


def draw(description: Description, *, ending: str) -> bytes:
    """The file of a chart in the format that `ending` names.

    Raises ConfigurationError where Lets-Plot is not installed, or where there is no font to write PNG or PDF with.
    """
    require_plotting()
    # the part of Lets-Plot that draws; the rest of it takes ten times as long to import
    import lets_plot_kotlin_bridge as bridge  # noqa: PLC0415

    given = _without_integers(description)
    if ending == ".svg":
        drawn = str(bridge.export_svg(given, -1.0, -1.0, ""))
        if "plt-container" not in drawn:  # it writes errors in place of the chart
            raise RuntimeError(f"Lets-Plot: {' '.join(ElementTree.fromstring(drawn).itertext()).strip()}")
        return _number_parts(drawn).encode()
    pixels = _draw_pixels(given, scale=RASTER_SCALE)
    return pixels if ending == ".png" else _wrap_in_pdf(pixels)


def _draw_pixels(description: Description, *, scale: float) -> bytes:
    """The PNG of a chart without integers."""
    import lets_plot_kotlin_bridge as bridge  # noqa: PLC0415 - an extra

    if FONT_SETTINGS.exists():
        os.environ.setdefault("FONTCONFIG_FILE", str(FONT_SETTINGS))
    try:
        return base64.b64decode(bridge.export_png(description, -1.0, -1.0, "", -1, scale))
    except ValueError as error:
        if "Font" not in str(error):
            raise
        raise ConfigurationError(
            "No font is installed to write PNG or PDF with: apt-get install fonts-dejavu-core, or name an .svg file."
        ) from error


def find_undrawn(text: str) -> str:
    """The characters of `text` that PNG and PDF leave out without a word, as no font of the machine has them."""
    seen = [one for one in dict.fromkeys(text) if not one.isascii() and unicodedata.category(one)[0] not in "CMZ"]
    batches = [seen[begin : begin + PROBED] for begin in range(0, len(seen), PROBED)]
    return "".join("".join(_probe(batch)) for batch in batches)


def _probe(characters: list[str]) -> list[str]:
    """Those of the `characters` of which no pixel is drawn: each has a line of its own, behind a mark."""
    from PIL import Image  # noqa: PLC0415 - comes with Lets-Plot

    title = {"text": "\n".join(f"{MARK} {one}" for one in characters)}
    size = {"width": 64, "height": 20 * len(characters) + 60}
    layer = {"geom": "blank", "data": {}}
    theme = {"axis": "blank", "panel_grid": "blank", "line": "blank"}
    data = {"kind": "plot", "data": {"x": [0, 1], "y": [0, 1]}, "mapping": {"x": "x", "y": "y"}, "scales": []}
    chart = _without_integers({**data, "layers": [layer], "ggtitle": title, "ggsize": size, "theme": theme})
    with Image.open(BytesIO(_draw_pixels(chart, scale=PROBE_SCALE))) as image:
        is_dark = np.asarray(image.convert("L")) < 128
    columns = np.asarray(is_dark.any(axis=0))
    first = int(np.argmax(columns))
    width = int(np.argmin(columns[first:]))  # of the mark
    rows = np.diff(is_dark[:, first : first + width].any(axis=1).astype(int), prepend=0)
    begins, ends = np.flatnonzero(rows == 1), np.flatnonzero(rows == -1)
    if len(begins) != len(characters):
        return []
    margins = (begins[1:] - ends[:-1]) // 2
    low, high = begins - np.append(0, margins), ends + np.append(margins, 0)
    beside = np.asarray(is_dark[:, first + width :].any(axis=1))
    return [one for one, top, bottom in zip(characters, low, high, strict=True) if not beside[top:bottom].any()]


def _without_integers(part: Any) -> Any:
    """`part` of a description with all numbers as floats: Lets-Plot takes no others."""
    if isinstance(part, dict):
        return {key: _without_integers(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_without_integers(value) for value in part]
    return float(part) if isinstance(part, int) and not isinstance(part, bool) else part


def _wrap_in_pdf(pixels: bytes) -> bytes:
    from PIL import Image  # noqa: PLC0415 - comes with Lets-Plot, only for PDF

    written = BytesIO()
    with Image.open(BytesIO(pixels)) as image:
        image.convert("RGB").save(written, "PDF", resolution=PDF_DPI, quality=PDF_QUALITY)
    return written.getvalue()


def _number_parts(svg: str) -> str:
    """`svg` with numbers in place of the random names of its parts: the same description gives the same file."""
    names = dict.fromkeys(re.findall(r'\bid="(\w+)"', svg))
    numbers = {name: f"part{number}" for number, name in enumerate(names, start=1)}
    return re.sub(r"(?<=[#\"])\w+\b", lambda found: numbers.get(found[0], found[0]), svg)


def read_script() -> bytes:
    """The script of Lets-Plot, which draws a description in a page."""
    require_plotting()
    from importlib.resources import files  # noqa: PLC0415 - not at the start of every command

    # found without importing the package
    return (files("lets_plot") / "package_data" / "lets-plot.min.js").read_bytes()
