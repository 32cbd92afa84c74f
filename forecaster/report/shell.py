"""The frame of a page: one HTML file that loads nothing, with the script that draws its charts and their data."""

import base64
import json
import re
import zlib
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

from forecaster.report.descriptions import Description
from forecaster.report.drawing import read_script
from forecaster.report.plain import show_controls

__all__ = ["Table", "make_chart", "make_page", "make_rows", "make_table", "write_text"]

FILES = files("forecaster.report") / "page_files"
# what a page cannot do at all: no script, style or picture from anywhere else
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
Table = Sequence[tuple[str, ...]]


def make_page(*, title: str, body: str, charts: list[dict[str, Description]], data: dict[str, Any]) -> str:
    """The page; `charts` are descriptions by look, which `make_chart` gives a place, `data` what the scripts read."""
    scripts = "".join(f"<script>{_read(name)}</script>" for name in ("page.js", "time_axis.js", "series.js"))
    packed = json.dumps({"charts": charts, **data}, allow_nan=False, separators=(",", ":")).encode()
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{write_text(title)}</title><style>{_read('page.css')}</style></head><body>{body}"
        "<noscript><p>The charts and the list of series need JavaScript, which is switched off.</p></noscript>"
        f"{_pack('plotting', read_script())}{_pack('data', packed)}{scripts}</body></html>\n"
    )


def make_chart(number: int, *, label: str, words: str = "") -> str:
    """The place of chart number `number`; `label` says what it shows to those who do not see it."""
    caption = f"<figcaption>{write_text(words)}</figcaption>" if words else ""
    place = f'<div class="chart" role="img" data-chart="{number}" aria-label="{write_text(label)}"></div>'
    return f"<figure>{place}{caption}</figure>"


def make_table(rows: Table, *, caption: str, texts: tuple[int, ...] = (0,), own: str | None = None) -> str:
    """A table whose first row is its head; columns `texts` are aligned to the left, and the row `own` is set off."""
    kinds = [' class="text"' if number in texts else "" for number in range(len(rows[0]))]
    head = "".join(f'<th scope="col"{kind}>{write_text(cell)}</th>' for cell, kind in zip(rows[0], kinds, strict=True))
    lines = []
    for first, *others in rows[1:]:
        cells = "".join(f"<td{kind}>{write_text(cell)}</td>" for cell, kind in zip(others, kinds[1:], strict=True))
        is_own = ' class="own"' if first == own else ""
        # on a narrow screen the name of a model takes two lines, so that its scores have room
        name = re.sub("(?<=[a-z])(?=[A-Z])", "<wbr>", write_text(first))
        lines.append(f'<tr{is_own}><th scope="row" class="text">{name}</th>{cells}</tr>')
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{write_text(caption)}"><table>'
        f"<caption>{write_text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
        "</table></div>"
    )


def make_rows(facts: list[tuple[str, str]]) -> str:
    """Names and values."""
    rows = "".join(f'<tr><th scope="row">{write_text(name)}</th><td>{write_text(of)}</td></tr>' for name, of in facts)
    return f'<div class="wide"><table class="facts"><tbody>{rows}</tbody></table></div>'


def write_text(text: str) -> str:
    """`text` for a page: no part of it is markup, and marks that change the direction of writing are shown."""
    return escape(show_controls(text))


def _read(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


def _pack(name: str, data: bytes) -> str:
    """`data` for `unpack` in page.js: compressed, and in letters that end no element."""
    packed = base64.b64encode(zlib.compress(data, 9)).decode()
    return f'<script type="application/octet-stream" id="{name}">{packed}</script>'
