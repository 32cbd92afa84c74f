"""What is written with a number or instead of one: marks of missing values and of notes, zeros of accounts, K and M."""

import re

__all__ = ["MISSING_MARKS", "MULTIPLES", "find_multiples", "strip_mark"]

MISSING_MARKS = frozenset(
    (
        *("-", "--", "---", "–", "—", ":", ".", "..", "...", "…", "?", "missing", "\\n"),
        *("nv", "n.v.", "n. v.", "n.a.", "n. a.", "na", "k.a.", "k. a.", "n/v", "s/d", "s.d.", "n/d"),
        *("#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!", "#nv", "#wert!", "#bezug!", "#zahl!"),
    )
)
"""Further texts, in lower case, that stand for a missing cell among numbers."""
MARK = re.compile(
    r"(?i)(?<=\d)\s*(?:[*†‡]{1,3}|\((?:e|p|r|s|est|estimated?|prel|prelim|preliminary|prov|provisional|rev|revised"
    r"|vorl|vorläufig|gesch|geschätzt)\.?\))$"
)
"""Marks of footnotes, and words in parentheses for values that are estimated or preliminary."""
MULTIPLES = {"K": 1e3, "k": 1e3, "M": 1e6, "B": 1e9}
MULTIPLE = re.compile(r"(.*\d)\s?([KkMB])")


def strip_mark(cell: str) -> str:
    """A cell without the mark of a note behind its number, as in `142*` and `20 (est.)`."""
    return MARK.sub("", cell) if cell[-1:] in "*†‡)" else cell


def find_multiples(cells: list[str]) -> list[tuple[str, str]] | None:
    """The number and the multiple of each cell, "" for none; None where not several kinds are there, and K is one.

    Numbers that all are in K, or in M, may stay in it; M alone may stand for thousands, or for metres.
    """
    found = [MULTIPLE.fullmatch(cell) for cell in cells]
    pairs = [(cell, "") if match is None else (match[1], match[2]) for cell, match in zip(cells, found, strict=True)]
    kinds = {MULTIPLES.get(multiple, 1.0) for _, multiple in pairs}
    return pairs if len(kinds) > 1 and (1e3 in kinds or {1e6, 1e9} <= kinds) else None
