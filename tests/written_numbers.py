"""The forms in which numbers are written to the files of tests/written_tables.py."""

import re
from dataclasses import dataclass

__all__ = ["NUMBER_FORMS", "NumberForm"]

NARROW, FIXED = "\u202f", "\u00a0"


@dataclass(frozen=True)
class NumberForm:
    """One way of writing numbers: what stands around the digits of positive and of negative ones, and between them.

    Indian groups are of two digits but for the last.
    """

    decimal: str = "."
    thousands: str = ""
    positive: str = "{}"
    negative: str = "-{}"
    is_indian: bool = False
    trims_zeros: bool = False

    def write(self, value: float, *, decimals: int) -> str:
        """The text of `value`, which is rounded to `decimals`."""
        whole, _, fraction = f"{abs(value):.{decimals}f}".partition(".")
        if self.trims_zeros:
            fraction = fraction.rstrip("0")
        digits = _group(whole, self.thousands, is_indian=self.is_indian) + (self.decimal + fraction if fraction else "")
        return (self.negative if value < 0 else self.positive).format(digits)

    def is_ambiguous(self, texts: list[str]) -> bool:
        """Whether each of `texts` may be another number, with the other decimal mark."""
        marked = [mark for text in texts if (mark := re.sub(r"[^\d.,'’\s]", "", text).strip(" .,\u00a0"))]
        marked = [text for text in marked if not text.isdigit()]
        return bool(marked) and all(re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text) for text in marked)


def _group(whole: str, thousands: str, *, is_indian: bool) -> str:
    if not thousands or len(whole) <= 3:
        return whole
    size = 2 if is_indian else 3
    head, groups = whole[:-3], [whole[-3:]]
    while head:
        groups.insert(0, head[-size:])
        head = head[:-size]
    return thousands.join(groups)


NUMBER_FORMS = {
    "1234.5": NumberForm(),
    "1234,5": NumberForm(","),
    "1.234,5": NumberForm(",", "."),
    "1,234.5": NumberForm(".", ","),
    "1 234,5": NumberForm(",", " "),
    "1 234,5 with a fixed space": NumberForm(",", FIXED),
    "1 234,5 with a narrow space": NumberForm(",", NARROW),
    "1 234.5": NumberForm(".", FIXED),
    "1'234.5": NumberForm(".", "'"),
    "1’234.5": NumberForm(".", "’"),
    "12,34,567.5": NumberForm(".", ",", is_indian=True),
    "1234.5 without zeros": NumberForm(trims_zeros=True),
    "1234,5 without zeros": NumberForm(",", trims_zeros=True),
    "-$1,234.5": NumberForm(".", ",", "${}", "-${}"),
    "$-1,234.5": NumberForm(".", ",", "${}", "$-{}"),
    "($1,234.5)": NumberForm(".", ",", "${}", "(${})"),
    "-1.234,5 €": NumberForm(",", ".", "{} €", "-{} €"),
    "€ -1.234,5": NumberForm(",", ".", "€ {}", "€ -{}"),
    "-R$ 1.234,5": NumberForm(",", ".", "R$ {}", "-R$ {}"),
    "₹ 12,34,567.5": NumberForm(".", ",", "₹ {}", "-₹ {}", is_indian=True),
    "CHF 1'234.5": NumberForm(".", "'", "CHF {}", "CHF -{}"),
    "1 234,5 kr": NumberForm(",", FIXED, "{} kr", "\u2212{} kr"),
    "1234.5 USD": NumberForm(positive="{} USD", negative="-{} USD"),
    "12,5 %": NumberForm(",", positive="{} %", negative="-{} %"),
    "12.5%": NumberForm(positive="{}%", negative="-{}%"),
    "1.234,5-": NumberForm(",", ".", negative="{}-"),
    "1,234.5-": NumberForm(".", ",", negative="{}-"),
    "(1,234.5)": NumberForm(".", ",", negative="({})"),
    "−1234.5": NumberForm(negative="\u2212{}"),
    "- 1234,5": NumberForm(",", negative="- {}"),
    "+1234.5": NumberForm(positive="+{}"),
    "1234.5e+00": NumberForm(positive="{}e+00", negative="-{}e+00"),
    "1234,5E0": NumberForm(",", positive="{}E0", negative="-{}E0"),
}
