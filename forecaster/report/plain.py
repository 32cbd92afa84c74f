"""Text for a terminal: control characters that ids, columns and paths may contain are shown, and do not act."""

import re

__all__ = ["show_controls"]

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Escape sequences, line ends, and marks that change the direction of writing."""


def show_controls(text: str) -> str:
    """`text` with control characters written as escapes such as \\x1b or \\n: one line, harmless to a terminal."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
