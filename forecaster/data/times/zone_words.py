"""Words for time zones behind times, such as PST and PDT: local times of one zone, or of one fixed offset."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecaster.data.times.offsets import HALF_OF_DAY, to_local
from forecaster.data.times.times_text import TimesText
from forecaster.errors import DataError

__all__ = ["ZoneWords", "find_zone_words"]

PAIRS = {
    "PST PDT": ("America/Los_Angeles", -8),
    "MST MDT": ("America/Denver", -7),
    "CST CDT": ("America/Chicago", -6),
    "EST EDT": ("America/New_York", -5),
    "AKST AKDT": ("America/Anchorage", -9),
    "GMT BST": ("Europe/London", 0),
    "WET WEST": ("Europe/Lisbon", 0),
    "CET CEST": ("Europe/Berlin", 1),
    "EET EEST": ("Europe/Athens", 2),
}
"""A zone for the words of its standard time and its summer time, and the hours by which the first is ahead of UTC."""
WORD = re.compile(rf"(?:\d:\d\d|T\d{{4}})\S*?\s*{HALF_OF_DAY}\b({'|'.join(' '.join(PAIRS).split())})$")


@dataclass(frozen=True)
class ZoneWords:
    """The words behind all times, which are those of `pair`; `texts` have offsets in their place."""

    texts: "pd.Series[str]"
    words: tuple[str, ...]
    pair: str

    def parse(
        self, parse: Callable[["pd.Series[str]", str | None], TimesText], *, timezone: str | None, name: str
    ) -> TimesText:
        """The times, by a function that reads texts with offsets in a zone.

        Those with one word alone are times of a clock that is never changed, unless the user names a `timezone`.
        Raises DataError for a time with a word that the zone does not have then.
        """
        if timezone is None and len(self.words) == 1:
            times = parse(self.texts, None)
            style = replace(times.style, format=_end(times.style.format, self.words[0]), timezone=None)
            note = f"times with {self.words[0]} are of a clock that is never changed (--timezone names a zone that is)"
            return replace(times, instant=times.wall, style=style, notes=(*times.notes, note))
        zone = PAIRS[self.pair][0] if timezone is None else timezone
        times = parse(self.texts, zone)
        is_known = ~times.unreadable
        local = to_local(times.instant[is_known], timezone=zone)
        if (local != times.wall[is_known]).any():
            wrong = str(times.wall[is_known][int(np.argmax(local != times.wall[is_known]))]).replace("T", " ")
            raise DataError(
                f"{name}: {' and '.join(self.words)} behind the times do not fit {zone}: its clock shows another time "
                f"than {wrong[:16]} then. Write UTC offsets instead, such as +01:00, or name the zone with --timezone."
            )
        words = " and ".join(self.words)
        note = f"times with {words} are read as those of {zone} (--timezone names another)"
        notes = times.notes if timezone is not None else (*times.notes, note)
        return replace(times, style=replace(times.style, format=_end(times.style.format, "%Z")), notes=notes)


def find_zone_words(texts: "pd.Series[str]", filled: "pd.Series[str]") -> ZoneWords | None:
    """The words behind `texts`, of which `filled` are not empty; None where not all have one, or they are of two zones.

    GMT alone is an offset.
    """
    if WORD.search(str(filled.iloc[0])) is None:
        return None
    words = texts.str.extract(WORD.pattern)[0]
    seen = tuple(sorted(words[filled.index].dropna().unique()))
    pair = next((pair for pair in PAIRS if {*seen} <= {*pair.split()}), None)
    if pair is None or seen == ("GMT",) or bool(words[filled.index].isna().any()):
        return None
    standard, _ = pair.split()
    hours = PAIRS[pair][1]
    offsets = {word: f"{hours + (word != standard):+03d}:00" for word in seen}
    ends = words.map(offsets)
    bare = texts.str.replace(rf"({'|'.join(seen)})$", "", regex=True)
    return ZoneWords(bare.where(words.isna(), bare + ends), seen, pair)


def _end(text_format: str | None, word: str) -> str:
    """A format of times with offsets that has a word instead."""
    return re.sub(r"%:{0,3}z$", word, text_format or "")
