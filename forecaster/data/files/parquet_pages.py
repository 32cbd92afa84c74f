"""Check the pages of a Parquet file, as its decoders read beyond their bytes where they are broken."""

from itertools import product
from struct import Struct
from typing import Any, BinaryIO
from zlib import crc32

import fastparquet
import numpy as np

from forecaster.data.files.thrift import read_struct
from forecaster.errors import DataError

__all__ = ["check_pages", "check_texts", "guard_texts"]

LONGEST_HEADER = 1 << 16
"""Bytes of the description of a page, which may hold the least and the largest of its values."""
COMPRESSED_SIZE, CHECKSUM, DATA, DATA_V2, COUNT = 3, 4, 5, 8, 1
"""Numbers of fields in the description of a page."""
SUMMED = 1 << 20
"""Bytes that are read at once where their checksum is looked at: a page may be as large as its file."""
RUN, BLOCK = 16, 1 << 14
"""Texts of one length after which more are looked at together, and how many."""


def check_pages(raw: BinaryIO, file: Any, *, size: int) -> None:
    """Raise DataError where the description of some page is broken, where a page does not end in the file, or where its
    bytes are not those of its checksum, which many programs write, such as Spark.
    """
    for chunk in (column for group in file.row_groups for column in group.columns if column.file_path is None):
        known = chunk.meta_data
        place = min(known.dictionary_page_offset or known.data_page_offset, known.data_page_offset)
        end, values = place + known.total_compressed_size, 0
        while place < end and values < known.num_values:
            raw.seek(place)
            try:
                header, length = read_struct(raw.read(LONGEST_HEADER))
            except IndexError as error:
                raise DataError("the description of a page is broken") from error
            begin, place = place + length, place + length + header.get(COMPRESSED_SIZE, -1)
            page = header.get(DATA) or header.get(DATA_V2) or {}
            values += page.get(COUNT, 0)
            if header.get(COMPRESSED_SIZE, -1) < 0 or place > min(end, size):
                raise DataError("a page is cut off")
            if CHECKSUM in header and _sum(raw, begin, end=place) != header[CHECKSUM] & 0xFFFFFFFF:
                raise DataError(
                    f"bytes of the column {'.'.join(known.path_in_schema)!r} are not those of their checksum"
                )
        if values != known.num_values:
            raise DataError("its pages have more or fewer values than its description says")
    raw.seek(0)


def _sum(raw: BinaryIO, place: int, *, end: int) -> int:
    """The checksum of the bytes up to `end`, with the polynomial of gzip, as the format asks for."""
    found = 0
    raw.seek(place)
    while place < end:
        data = raw.read(min(SUMMED, end - place))
        found, place = crc32(data, found), place + max(len(data), 1)
    return found


def check_texts(raw: Any, count: int) -> None:
    """Raise DataError unless the first `count` texts of a page, each after its length, or fewer, are all of `raw`."""
    data: Any = np.frombuffer(raw, np.uint8)
    read = Struct("<i").unpack_from
    place, left, size, last, alike = 0, count, len(data), -1, 0
    while left > 0 and place < size:
        length = read(data, place)[0] if place + 4 <= size else -1
        step = 4 + length
        place, left = place + step, left - 1
        if length < 0 or place > size:
            raise DataError("a text is longer than its page")
        last, alike = length, alike + 1 if length == last else 0
        most = min(left, (size - place) // step, BLOCK)
        if alike < RUN or most < RUN:
            continue
        lengths = np.ndarray((most, 4), np.uint8, data, place, (step, 1))
        is_other = (lengths != np.frombuffer(length.to_bytes(4, "little"), np.uint8)).any(axis=1)
        same = int(np.argmax(is_other)) if is_other.any() else most
        place, left, alike = place + same * step, left - same, RUN if same == most else 0


def guard_texts() -> None:
    """Have the lengths of texts checked before fastparquet reads them, as it does not look where their page ends."""
    modules: tuple[Any, ...] = (fastparquet.core, fastparquet.encoding)
    for module, name in product(modules, ("unpack_byte_array", "_unpack_arrow")):  # the second is for pandas 3
        unpack = getattr(module, name, None)
        if unpack is not None and not hasattr(unpack, "is_guarded"):
            setattr(module, name, _guard(unpack))


def _guard(unpack: Any) -> Any:
    def unpack_checked(raw_bytes: Any, n: int, **options: Any) -> Any:
        check_texts(raw_bytes, n)
        return unpack(raw_bytes, n, **options)

    unpack_checked.is_guarded = True  # type: ignore[attr-defined]
    return unpack_checked
