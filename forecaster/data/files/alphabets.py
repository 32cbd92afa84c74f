"""The letters of languages, which show whether a text was read in the right encoding."""

import itertools
import re
import unicodedata
from collections.abc import Iterable

__all__ = ["MOST_CERTAIN", "find_words", "fits_alphabet", "has_odd_signs", "is_western", "measure_frequency"]

WORD = re.compile(r"\w+")
RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
LETTERS = {
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "cp1254": ("çğıöşüâîûi̇",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž"),
    "cp1251": (RUSSIAN, RUSSIAN + "іїєґ", RUSSIAN + "іў"),
    "koi8-r": (RUSSIAN,),
    "cp866": (RUSSIAN,),
    "cp1253": ("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ",),
    "cp1255": ("אבגדהוזחטיכךלמםנןסעפףצץקרשת",),
}
"""The letters beyond a to z, in lower case, of the languages that are written in an encoding."""
WESTERN = (
    *("äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "áâãàçéêíóôõúü", "àèéìíîòóùú", "àçèéíïòóúü", "äáëéèïíóöúü"),
    *("åäöéàüšž", "æøåäöéèêóòôâü"),
)
SEPARATE = ("áéíóúýæöðþ", "äõöüšž")
"""Icelandic and Estonian, whose letters are others in Turkish and Hungarian: these hold for a whole text."""
MISPLACED = re.compile(
    r"ñ(?![aeiouáéíóúü])|õ(?!e)|œ(?![usdncitmlg])|[òè](?=[aeiou])|(?<=[a-z])ç(?=[b-df-hj-np-tv-xz])|[^\W\d_]{3}[ªº]|[ªº]\w",
    re.IGNORECASE,
)
"""Letters where no language of Western Europe has them, but others have other letters in their encodings."""
FREQUENT = {"cp1251": "оеаитнсрвлкмд", "cp1253": "αοιετσνηυρπκμλάίόέή", "cp1255": "יוהלאתרבמשנםח"}
FREQUENT |= {"koi8-r": FREQUENT["cp1251"], "cp866": FREQUENT["cp1251"]}
"""The letters of which most words consist, of languages that are written with other letters than a to z."""
FINAL_WITHIN = re.compile(r"[ךםןףץ]\w|\w\w[כמנפצ](?!\w)")
"""Hebrew letters that stand at the end of words only, and those that have another form there."""
CIRCUMFLEXES, MOST_CIRCUMFLEXES = "âîû", 0.5
"""Turkish letters, and the largest share of those beyond a to z that they are."""
SIGNS = frozenset("°§©®€£¥¢µ±×²³¹½¼¾·•–—‘’“”„‚…«»‹›№ªº¿¡´¨™†‡‰℃℉\xa0\xad")
"""Signs that stand in tables; lines and blocks that DOS draws do not."""
MOST_RARE = 0.2
"""Largest share of signs that are seldom used in a Chinese, Japanese or Korean text."""
FEWEST_LETTERS = 3
"""Letters of a word in another alphabet that show it; one or two may be signs in another encoding."""
MOST_CERTAIN = 0.25
"""Difference of the shares of frequent letters from which on one reading is right."""
COMMON = {
    "gbk": ("gb2312", 0xB0, 0xD7),
    "shift_jis": ("euc_jp", 0xA4, 0xCF),
    "big5": ("big5", 0xA4, 0xC6),
    "euc-kr": ("euc_kr", 0xB0, 0xC8),
}
"""The codes in which the first byte is between two numbers for the letters that are used most."""


def find_words(text: str) -> list[str]:
    """The distinct words that hold letters beyond a to z, in their order."""
    words = [word for word in dict.fromkeys(WORD.findall(text)) if not word.isascii()]
    return [word for word in words if any(sign.isalpha() and not sign.isascii() and sign != "µ" for sign in word)]


def has_odd_signs(text: str) -> bool:
    """Whether a text holds signs, other than letters, that tables seldom have."""
    others = {sign for sign in set(text) if not sign.isascii() and not sign.isalnum()}
    return any(sign not in SIGNS and unicodedata.east_asian_width(sign) not in "WF" for sign in others)


def is_western(words: Iterable[str]) -> bool:
    """Whether each word is written with the letters of one language of Western Europe, some of them between a and z."""
    words = [*words]
    seen = {letter for word in words for letter in _list_others(word)}
    if seen <= set(SEPARATE[0]) and seen & set("áéíóúæ"):
        return True
    return seen <= set(SEPARATE[1]) or all(_is_western(word) for word in words)


def fits_alphabet(words: list[str], *, encoding: str) -> bool:
    """Whether all words, read in an `encoding`, are of the letters of one language that is written in it."""
    if encoding in COMMON:
        signs = [letter for word in words for letter in word if not letter.isascii()]
        has_words = any(re.search(r"[^\x00-\x7f]{2}", word) for word in words)
        if not has_words or any(re.search(r"[A-Za-z][^\x00-\x7f][a-z]", word) for word in words):
            return False
        return sum(not _is_common(sign, *COMMON[encoding]) for sign in signs) <= MOST_RARE * len(signs)
    seen = {letter for word in words for letter in _list_others(word)}
    has_own = encoding in FREQUENT
    is_sound = not any(_has_capital_within(word) or (has_own and re.search("[A-Za-z]", word)) for word in words)
    is_sound &= not has_own or max(map(len, words)) >= FEWEST_LETTERS
    if encoding == "cp1255":
        is_sound &= not any(map(FINAL_WITHIN.search, words))
    if encoding == "cp1254":
        others = [letter for word in words for letter in _list_others(word)]
        is_sound &= sum(letter in CIRCUMFLEXES for letter in others) <= MOST_CIRCUMFLEXES * len(others)
    return is_sound and any(seen <= set(letters) for letters in LETTERS[encoding])


def measure_frequency(words: list[str], *, encoding: str) -> float | None:
    """The share of the letters of words that are frequent ones; None for languages with the letters a to z."""
    if encoding not in FREQUENT:
        return None
    letters = [letter for word in words for letter in _list_others(word)]
    return sum(letter in FREQUENT[encoding] for letter in letters) / max(1, len(letters))


def _list_others(word: str) -> list[str]:
    letters = [letter for letter in word.lower() if not letter.isascii() and letter not in SIGNS]
    return [letter for letter in letters if letter.isalpha() or letter == "\u0307"]


def _is_western(word: str) -> bool:
    others = _list_others(word)
    is_covered = any(set(others) <= set(letters) for letters in WESTERN)
    return is_covered and len(others) < max(FEWEST_LETTERS, len(word)) and MISPLACED.search(word) is None


def _is_common(letter: str, codec: str, low: int, high: int) -> bool:
    if not letter.isalpha():
        return True
    try:
        code = letter.encode(codec)
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and low <= code[0] <= high


def _has_capital_within(word: str) -> bool:
    return any(
        one.islower() and other.isupper() and not (one + other).isascii() for one, other in itertools.pairwise(word)
    )
