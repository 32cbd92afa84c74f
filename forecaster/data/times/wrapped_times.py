"""What may stand around a time: a weekday before it, a star or the end of an interval behind it; and 24:00."""

import re
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.numbers.number_cells import unwrap_texts
from forecaster.data.times.times_text import TimesText

__all__ = ["WrappedTimes", "unwrap_times"]

INTERVAL = re.compile(r"(.*\S)\s+(?:-|–|—|to|bis|au|al|do|till|t/m)\s+(\S.*)")
FEWEST_WORDS = 3
"""Words and numbers of a date: `2023 - 2024` is no interval of dates."""
CLOCK = r"\d{1,2}:\d\d(?::\d\d)?"
END_OF_DAY = r"(?<=[ T])24(?=:00(?::00(?:\.0+)?)?(?:$|[ Zz+-]))"
WEEKDAY = re.compile(
    r"(([^\W\d_]{2,})\.?,?\s+)(?=\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d{4}-\d\d?-\d\d?\b"
    r"|\d{1,2}\.?(?: de)? [^\W\d]+\.?(?: de)? \d{4})"
)
"""A word before a complete date."""
LEAD = re.compile(
    r"(?i)(?:w/?[ceb]|w\.[ceb]\.|(?:week|wk|w/) ?(?:ending|ended|commencing|beginning|starting|start|end|of)"
    r"|semana del|semaine du|settimana del|woche (?:vom|ab))[:.]?\s+(?=[\dA-Z])"
)
"""Words before the first or the last day of a week."""
ORDINAL = re.compile(r"(?i)(?<=\d)(?:st|nd|rd|th)\b")
FORMS = tuple(
    tuple(names.split())
    for names in (
        "Mo Di Mi Do Fr Sa So",
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
        "Montag Dienstag Mittwoch Donnerstag Freitag Sonnabend Sonntag",
        "lun mar mer jeu ven sam dim",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "lun mar mié jue vie sáb dom",
        "lun mar mie jue vie sab dom",
        "lunes martes miércoles jueves viernes sábado domingo",
        "lun mar mer gio ven sab dom",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
        "ma di wo do vr za zo",
        "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
        "seg ter qua qui sex sáb dom",
        "pon wt śr czw pt sob niedz",
        "poniedziałek wtorek środa czwartek piątek sobota niedziela",
        "mån tis ons tors fre lör sön",
        "måndag tisdag onsdag torsdag fredag lördag söndag",
    )
)
"""No two of these languages give the same word to different days; English ones are read with the date."""
DAYS = {name.casefold(): day for form in FORMS for day, name in enumerate(form)}


@dataclass(frozen=True)
class WrappedTimes:
    """Times without what stands around them, and how to make the times of the whole texts from these.

    inner   the distinct times to be read
    places  [text]  of each text the place of its time in `inner`
    ends    [text]  the place of the end of its interval, -1 for none
    days    [text]  what is added to its time
    weekdays [text] the weekday that it names, -1 for none; `names` are those of all seven, `mark` follows them
    lead     what stands before each time, such as `W/E `
    """

    inner: "pd.Series[str]"
    places: NDArray[np.int64]
    note: str = ""
    ends: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    days: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    weekdays: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    names: tuple[str, ...] = ()
    mark: str = ""
    lead: str = ""

    def unwrap_format(self, date_format: str | None) -> str | None:
        """A format that the user gave, for the times alone."""
        date_format = date_format and date_format.removesuffix("*")
        if date_format and self.lead:
            return date_format.removeprefix(self.lead)
        return date_format and (re.sub(r"^%[aA]\S*\s+", "", date_format) if self.names else date_format)

    def wrap(self, times: TimesText) -> TimesText:
        """The times of the whole texts, of which `times` are the `inner` ones; those that contradict become NaT."""
        wall, instant = times.wall[self.places], times.instant[self.places]
        style, is_wrong = times.style, np.zeros(len(wall), bool)
        if len(self.days):
            wall, instant = (part + self.days.astype("timedelta64[D]") for part in (wall, instant))
        if len(self.ends):
            is_wrong = (self.ends >= 0) & ~(instant <= times.instant[self.ends])
        if len(self.weekdays):
            known = wall.astype("datetime64[D]").astype(np.int64) + 3
            is_wrong = (self.weekdays >= 0) & (known % 7 != self.weekdays)
            style = replace(style, format=f"%a{self.mark}{style.format}", weekday_names=self.names)
        style = replace(style, format=f"{self.lead}{style.format}") if self.lead else style
        wall, instant = (np.where(is_wrong, np.datetime64("NaT", "us"), part) for part in (wall, instant))
        return replace(
            times, wall=wall, instant=instant, style=style, notes=(*times.notes, *([self.note] if self.note else []))
        )


def unwrap_times(texts: "pd.Series[str]", filled: "pd.Series[str]") -> WrappedTimes | None:
    """The times in `texts`, of which `filled` are not empty, without one thing that stands around all of them."""
    first = str(filled.iloc[0])
    if first[:1] in "='" and (unquoted := unwrap_texts([*filled])) != [*filled]:
        bare = texts.copy()
        bare[filled.index] = np.array(unquoted, object)
        inner = pd.Series(bare.unique(), dtype=object)
        return WrappedTimes(inner, pd.Index(inner).get_indexer(pd.Index(bare)))
    if "*" in (joined := "\n".join(filled)) and (has_star := filled.str.endswith("*")).any():
        plain = texts.str.replace(r"\s*\*$", "", regex=True)
        inner = pd.Series(plain.unique(), dtype=object)
        note = f"a star behind times ({filled[has_star].iloc[0]}), which marks provisional figures, is not read"
        return WrappedTimes(inner, pd.Index(inner).get_indexer(pd.Index(plain)), note)
    if INTERVAL.fullmatch(first) and (found := _unwrap_intervals(texts, filled)) is not None:
        return found
    lead = LEAD.match(first)
    if lead is not None and bool(filled.str.startswith(lead[0]).all()):
        rest = texts.str.removeprefix(lead[0])
        inner = pd.Series(rest.unique(), dtype=object)
        return WrappedTimes(inner, pd.Index(inner).get_indexer(pd.Index(rest)), lead=lead[0])
    if ORDINAL.search(first) and bool(filled.str.contains(ORDINAL).all()):
        plain = texts.str.replace(ORDINAL, "", regex=True)
        inner = pd.Series(plain.unique(), dtype=object)
        note = f"{filled.iloc[0]} is read, and written, as {plain[filled.index[0]]}"
        return WrappedTimes(inner, pd.Index(inner).get_indexer(pd.Index(plain)), note)
    if WEEKDAY.match(first) and (found := _unwrap_weekdays(texts, filled)) is not None:
        return found
    # much faster than to look into each text
    return _unwrap_ends_of_days(texts) if "24:00" in joined else None


def _unwrap_intervals(texts: "pd.Series[str]", filled: "pd.Series[str]") -> WrappedTimes | None:
    parts = texts.str.extract(f"^{INTERVAL.pattern}$")
    begins, ends = parts[0], parts[1]
    is_interval = begins.notna()
    if not bool(is_interval[filled.index].all()):
        return None
    begin, end = begins[filled.index].iloc[0], ends[filled.index].iloc[0]
    if len(re.findall(r"[^\W_]+", begin)) < FEWEST_WORDS or not re.search(r"\d.*\d", begin):
        return None
    is_clock = bool(ends[filled.index].str.fullmatch(CLOCK).all())
    if not is_clock and _outline(begin) != _outline(end):
        return None
    begins = begins.where(is_interval, texts)
    both = [begins] if is_clock else [begins, ends.dropna()]
    inner = pd.Series(pd.concat(both).unique(), dtype=object)
    index = pd.Index(inner)
    return WrappedTimes(
        inner,
        index.get_indexer(pd.Index(begins)),
        f"timestamps are intervals, of which the begin counts ({filled.iloc[0]} is {begin})",
        ends=np.zeros(0, np.int64) if is_clock else np.where(is_interval, index.get_indexer(pd.Index(ends)), -1),
    )


def _outline(text: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", text))


def _unwrap_weekdays(texts: "pd.Series[str]", filled: "pd.Series[str]") -> WrappedTimes | None:
    parts = texts.str.extract(f"^{WEEKDAY.pattern}")
    words = parts[1].str.casefold()
    weekdays = words.map(DAYS)
    if not bool(weekdays[filled.index].notna().all()):
        return None
    lead = parts[0][filled.index].iloc[0]
    word = str(parts[1][filled.index].iloc[0])
    rest = texts.str.replace(f"^{WEEKDAY.pattern}", "", regex=True)
    inner = pd.Series(rest.unique(), dtype=object)
    mark = re.sub(r"^[^\W\d_]+", "", lead)
    return WrappedTimes(
        inner,
        pd.Index(inner).get_indexer(pd.Index(rest)),
        weekdays=weekdays.fillna(-1).to_numpy().astype(np.int64),
        names=_name_weekdays(parts[1][filled.index], word),
        mark=mark,
    )


def _name_weekdays(words: "pd.Series[str]", first: str) -> tuple[str, ...]:
    """The names of all seven days as the texts write them, also of those that are not among them."""
    seen = {DAYS[word.casefold()]: word for word in words.unique()}
    case = str.upper if first.isupper() else str.lower if first.islower() else str.capitalize
    styles = [tuple(case(name) for name in form) for form in FORMS]
    names = max(styles, key=lambda style: sum(style[day] == word for day, word in seen.items()))
    return tuple(seen.get(day, names[day]) for day in range(7))


def _unwrap_ends_of_days(texts: "pd.Series[str]") -> WrappedTimes | None:
    is_end = texts.str.contains(END_OF_DAY, regex=True, na=False)
    if not is_end.any():
        return None
    begins = texts.where(~is_end, texts.str.replace(END_OF_DAY, "00", regex=True))
    inner = pd.Series(begins.unique(), dtype=object)
    return WrappedTimes(
        inner,
        pd.Index(inner).get_indexer(pd.Index(begins)),
        "24:00 is read, and written, as 00:00 of the next day",
        days=is_end.to_numpy(bool).astype(np.int64),
    )
