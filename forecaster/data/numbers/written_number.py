"""One number as people write it: its sign, its digits with their marks, and its currency."""

import re
from functools import cache

import numpy as np

__all__ = ["SPACES", "is_account_zero", "is_currency", "read_digits", "split_cell"]

SPACES = " \u00a0\u2007\u2009\u202f"
MINUS = "\u2212\u2013-"
DASHES = "\u2013\u2014-"
UNIT = (
    r"US\$|NZ\$|HK\$|R\$|A\$|C\$|S/\.|руб\.?|Fr\.?|Rs\.?|kr\.?|lei|zł|Kč|Ft|лв|[€$£¥₹₽₩₺₴₪฿₫₦₱₡₲₵₸₼₾]|"
    r"AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|MAD|MXN|MYR|NOK|NZD|"
    r"PEN|PHP|PKR|PLN|RMB|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR|%"
)
"""Signs and codes of currencies, the longer ones first, and per cent."""
BARE = re.compile(r"-?[0-9][0-9.,]*")
"""Cells of digits and marks alone."""
GROUPED = {
    ".": re.compile(r"(?:[1-9]\d{0,2}([, '])\d{3}(?:\1\d{3})*|[1-9]\d?(?:,\d{2})+,\d{3})(?:\.\d*)?"),
    ",": re.compile(r"[1-9]\d{0,2}([. '])\d{3}(?:\1\d{3})*(?:,\d*)?"),
}
PLAIN = {
    mark: re.compile(rf"(?:\d+(?:{re.escape(mark)}\d*)?|{re.escape(mark)}\d+)(?:[eE][-+]?\d+)?") for mark in (".", ",")
}
INFINITE = re.compile(r"([-+]?)inf(?:inity)?", re.IGNORECASE)
DASH = re.compile(r"[-–—]")
ACCOUNT_ZERO = re.compile(r"\0[-–—]+|[-–—]+\0")
"""A dash and a currency, which is the character 0."""


def is_currency(text: str) -> bool:
    """Whether a text is the sign or code of a currency, or per cent."""
    return _compile()[1].fullmatch(text) is not None


def is_account_zero(cell: str) -> bool:
    """Whether a cell is a dash and a currency, as spreadsheets show a zero in the columns of accounts."""
    if not DASH.search(cell) or "%" in cell:
        return False
    return ACCOUNT_ZERO.fullmatch("".join(_compile()[1].sub("\0", cell).split())) is not None


def split_cell(cell: str) -> tuple[float, str, str] | None:
    """The sign, the digits with their marks, and the unit of a cell; None where it is no number."""
    if BARE.fullmatch(cell):
        return (-1.0 if cell[0] == "-" else 1.0), cell.removeprefix("-"), ""
    pattern, unit = _compile()
    infinite = INFINITE.fullmatch(cell)
    if infinite:
        return (-1.0 if infinite[1] == "-" else 1.0), "inf", ""
    match = pattern.fullmatch(cell) if cell.isascii() or not _has_other_digits(cell) else None
    if match is None:
        return None
    before, body, after = match["before"], match["number"].strip(SPACES), match["after"]
    if body[-1] in ".," and after[:1] and after[0] in DASHES:  # 1'200.- is a whole amount
        after = after.lstrip(DASHES)
    units = set(unit.findall(before) + unit.findall(after))
    signs = unit.sub("", before) + unit.sub("", after)
    signs = signs.translate({ord(space): None for space in SPACES})
    if len(units) > 1 or signs not in {"", "+", "()", *MINUS}:
        return None
    return (1.0 if signs in ("", "+") else -1.0), body, next(iter(units), "")


def read_digits(body: str, *, decimal: str) -> float:
    """The value of digits and marks, NaN where they do not form a number with this decimal mark."""
    if body == "inf":
        return np.inf
    if PLAIN[decimal].fullmatch(body):
        return float(body.replace(decimal, "."))
    body = body.translate({ord(space): " " for space in SPACES} | {ord("’"): "'"})
    if not GROUPED[decimal].fullmatch(body):
        return np.nan
    whole, _, fraction = body.partition(decimal)
    return float(f"{re.sub(r'[^0-9]', '', whole)}.{fraction}")


def _has_other_digits(cell: str) -> bool:
    return any(letter.isdigit() and not letter.isascii() for letter in cell)


@cache
def _compile() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The patterns of a cell and of its units; compiled only where some cell is not bare, as that takes 5 ms."""
    cell = (
        rf"(?P<before>(?:[+({SPACES}{MINUS}]|{UNIT})*)"
        rf"(?P<number>[.,]?\d[\d.,'’{SPACES}]*(?:[eE][-+]?\d+)?)"
        rf"(?P<after>(?:[){SPACES}\u2212{DASHES}]|{UNIT})*)"
    )
    return re.compile(cell), re.compile(UNIT)
