"""Find out in which encoding a text is written, from its first bytes."""

import codecs
import re
from io import BufferedIOBase

from forecaster.data.files.alphabets import (
    MOST_CERTAIN,
    find_words,
    fits_alphabet,
    has_odd_signs,
    is_western,
    measure_frequency,
)
from forecaster.errors import DataError, UsageError

__all__ = [
    "SAMPLE_BYTES",
    "check_encoding",
    "decode_head",
    "describe_encoding",
    "explain_decode_error",
    "find_encoding",
    "is_utf_8",
    "read_head",
]

SAMPLE_BYTES = 1 << 18
SAMPLE_LINES, MOST_SAMPLE_BYTES = 20, 1 << 26
"""Lines that a sample has at the least, and its size at the most, as of a file without any end of a line."""
NOT_FOR_FILES = ("punycode", "idna", "unicode_escape", "raw_unicode_escape")
"""Encodings of names and of source code."""
CELL_ENDS = re.compile(rb'[,;\t\r\n"]+')
"""What ends a cell, and is no part of a letter in any encoding."""
WESTERN_ENCODINGS = ("cp1252", "cp850", "mac-roman")
OTHER_ENCODINGS = {
    "cp1252": "Western European Windows",
    "cp850": "Western European DOS",
    "mac-roman": "old Macintosh",
    "cp1250": "Central European Windows",
    "cp1251": "Cyrillic Windows",
    "cp1253": "Greek Windows",
    "cp1254": "Turkish Windows",
    "cp1255": "Hebrew Windows",
    "cp1257": "Baltic Windows",
    "koi8-r": "Russian Unix",
    "cp866": "Russian DOS",
    "gbk": "simplified Chinese",
    "big5": "traditional Chinese",
    "shift_jis": "Japanese",
    "euc-kr": "Korean",
}
"""Those that are found where a text is not UTF-8, the usual one first."""
MOST_NAMED = 8
"""Encodings among which the user is asked to choose."""
CAPITALS = "À-ÖØ-ÞŠŽŸŒ"
IMPLAUSIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
    r"|[A-Za-z](?:[^\w\s\x00-\x7f’‘´·°–—…\u00ad]|[¹²³ƒ])[a-z]|[A-Za-z][„‚]|[a-z][£¿¡]"
    rf"|[a-zß-ÿ][{CAPITALS}]|[A-Z][{CAPITALS}][a-z]"
)
"""Control characters, and within a word signs or capitals: a text that is read in the wrong encoding has such."""


def find_encoding(head: bytes, *, name: str) -> str:
    """The encoding of the first bytes of a file. Raises DataError where they are no text."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in head:
        encoding = _find_utf_16(head)
        if encoding is None:
            raise DataError(f"{name}: this is a binary file, not CSV text. Save the table as CSV and try again.")
        return encoding
    if _decodes(head, "utf-8"):
        return "utf-8-sig"
    cells = b"\n".join(cell for cell in dict.fromkeys(CELL_ENDS.split(head)) if not cell.isascii())
    decoded = {encoding: _decode(cells, encoding) for encoding in OTHER_ENCODINGS if _decodes(head, encoding)}
    words = {encoding: find_words(text) for encoding, text in decoded.items()}
    is_sound = {one: IMPLAUSIBLE.search(decoded[one]) is None for one in WESTERN_ENCODINGS if one in decoded}
    usual = [encoding for encoding in words if words[encoding] and not has_odd_signs(decoded[encoding])]
    western = [one for one in WESTERN_ENCODINGS if is_sound.get(one) and is_western(words[one])]
    if "cp1252" in western and ("cp1252" in usual or not words["cp1252"]):
        return "cp1252"
    western = [encoding for encoding in western if encoding in usual]
    others = [encoding for encoding in usual if encoding not in WESTERN_ENCODINGS]
    others = [encoding for encoding in others if fits_alphabet(words[encoding], encoding=encoding)]
    plausible = _prefer_frequent(words, western + others)
    if len(plausible) == 1:
        return plausible[0]
    if plausible:
        raise _ask_for_encoding(words, plausible, name=name)
    if not any(sum(not letter.isascii() for letter in word) == len(word) > 2 for word in words.get("cp1252", [])):
        return "cp1252" if "cp1252" in decoded else "utf-8-sig"
    raise _ask_for_encoding(words, [encoding for encoding in words if words[encoding]][::-1], name=name)


def _prefer_frequent(words: dict[str, list[str]], plausible: list[str]) -> list[str]:
    """Those that are `plausible`, one of several that read the same words; only the one whose letters are frequent."""
    distinct = {tuple(words[encoding]): encoding for encoding in reversed(plausible)}
    kept = [encoding for encoding in plausible if encoding in distinct.values()]
    shares = {encoding: measure_frequency(words[encoding], encoding=encoding) for encoding in kept}
    known = sorted((share, encoding) for encoding, share in shares.items() if share is not None)
    if len(known) < len(kept) or len(known) < 2 or known[-1][0] - known[-2][0] < MOST_CERTAIN:
        return kept
    return [known[-1][1]]


def _ask_for_encoding(words: dict[str, list[str]], encodings: list[str], *, name: str) -> DataError:
    first = {words[encoding][0]: encoding for encoding in reversed(encodings)}
    named = [(word, encoding) for word, encoding in reversed(first.items())][:MOST_NAMED]
    choices = [f"--encoding {encoding} if this is {word!r}" for word, encoding in named]
    return DataError(
        f"{name}: the text is not UTF-8, and may be in several other encodings. Choose {', or '.join(choices)}."
    )


def _find_utf_16(head: bytes) -> str | None:
    """The order of the bytes of text in UTF-16 without a byte order mark, in which every other byte is mostly zero."""
    for encoding, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if zeros.count(0) > 0.9 * len(zeros) and others.isascii() and others.count(0) == 0:
            text = head[: len(head) // 2 * 2].decode(encoding, errors="replace")
            return encoding if all(letter.isprintable() or letter in "\r\n\t" for letter in set(text)) else None
    return None


def _decode(cells: bytes, encoding: str) -> str:
    return cells.decode(encoding, errors="ignore")  # the last cell may end within a character


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < SAMPLE_BYTES)
    except UnicodeDecodeError:
        return False
    return True


def read_head(file: BufferedIOBase) -> bytes:
    """The first bytes of a file: more of them where its lines are long, as those of tables of many columns."""
    head = file.read(SAMPLE_BYTES)
    while SAMPLE_BYTES <= len(head) < MOST_SAMPLE_BYTES and head.count(b"\n") + head.count(b"\r") < SAMPLE_LINES:
        more = file.read(len(head))
        if not more:
            # what is as long as a sample counts as cut
            return head
        head += more
    return head


def check_encoding(encoding: str | None) -> str | None:
    """The codec for the name of an encoding. Raises UsageError where there is none."""
    if encoding is None:
        return None
    try:
        found = codecs.lookup(encoding)
        "a".encode(encoding)  # some codecs are for bytes, not for text
        if found.name.replace("-", "_") in NOT_FOR_FILES:
            raise LookupError(encoding)
    except (LookupError, ValueError) as error:
        raise UsageError(f"--encoding {encoding}: no such encoding. Try utf-8, latin-1 or cp1252.") from error
    # with or without a byte order mark
    return "utf-8-sig" if found.name == "utf-8" else encoding


def decode_head(head: bytes, *, encoding: str, name: str) -> str:
    """The text of the first bytes of a file. Raises DataError where they are not in `encoding`."""
    is_whole = len(head) < SAMPLE_BYTES
    try:
        if codecs.lookup(encoding).name == "utf-16" and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise UnicodeDecodeError(encoding, head, 0, 2, "no byte order mark")
        # the sample may end within a character
        return codecs.getincrementaldecoder(encoding)().decode(head, final=is_whole)
    except UnicodeDecodeError as error:
        line = head[: error.start].count(b"\n") + 1
        raise explain_decode_error(name, encoding=encoding, line=line) from error


def describe_encoding(text: str, encoding: str) -> tuple[str, ...]:
    """A note on the `encoding` that was found, with the first word that shows it; none on UTF-8 and UTF-16."""
    what = OTHER_ENCODINGS.get(encoding)
    example = next((f", as in {word!r}" for word in find_words(text)[:1]), "")
    note = f"not UTF-8: read as {encoding} ({what}){example}; another encoding is named with --encoding"
    return () if what is None else (note,)


def explain_decode_error(name: str, *, encoding: str, line: int | None) -> DataError:
    """The error for text that is not in `encoding`, in a `line` if that is known."""
    where = name if line is None else f"{name}, line {line}"
    other = "cp850" if encoding == "cp1252" else "cp1252"
    return DataError(
        f"{where}: the text is not {encoding.removesuffix('-sig')}. "
        f"Save the file as UTF-8, or name its encoding, such as --encoding {other}."
    )


def is_utf_8(line: bytes) -> bool:
    """Whether a line is text in UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
