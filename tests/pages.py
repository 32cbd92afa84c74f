"""Read the HTML pages that `forecast` writes."""

import base64
import json
import re
import zlib
from html.parser import HTMLParser
from typing import Any

__all__ = ["Texts", "read_data"]


def read_data(page: str) -> dict[str, Any]:
    """What the scripts of a page read."""
    packed = re.search(r'id="data">([^<]*)<', page)
    assert packed is not None
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed[1])))
    return found


class Texts(HTMLParser):
    """The tags and the text of a page, and what its attributes name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data
