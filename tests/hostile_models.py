"""Random changes to the files of a model folder, as a stranger or a fault of the disk could make them.

Each change is drawn from a generator, so that a seed and a number name it; checksums are made to fit again.
"""

import hashlib
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import load

from forecaster.learning.checkpoint import hash_content
from tests.hostile_networks import change_graph, change_numbers

__all__ = ["CHANGES", "change_card", "change_checkpoint", "change_network", "change_safetensors", "change_weights"]

Change = Callable[[np.random.Generator, Path], str]
Content = dict[str, Any]

NUMBERS = (0, 1, -1, 2, 3, 7, 0.5, -0.5, 1.5, 10**5, 10**6, 2**31, 2**63, 2**64, -(10**30), 1e-300, 1e300, 10**400)
WORDS = ("", "x", "../x", "/etc/passwd", "-", "*", "a\0b", "\ud800", "\udce9", "[/bold]", "\x1b[2J", "x" * 100_000, "%")
OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    {"": None},
    float("nan"),
    float("inf"),
    float("-inf"),
)
NUMBER_TYPES = ("F64", "F16", "BF16", "I64", "U8", "BOOL", "F8_E4M3")
DEPTHS = (20, 500, 990, 5000)


def change_card(generator: np.random.Generator, folder: Path) -> str:
    """Change one value of `model.json`, or some of its bytes."""
    path = folder / "model.json"
    kind = generator.choice(["value", "bytes"], p=[0.9, 0.1])
    if kind == "bytes":
        changed, how = _change_bytes(generator, path.read_bytes())
        path.write_bytes(changed)
        return f"model.json: {how}"
    content = json.loads(path.read_text())
    places = list(_list_places(content))
    place = places[generator.integers(len(places))]
    value = _choose_value(generator, content, place)
    how = _set_place(content, place, value)
    text = json.dumps(content)
    if value is _DEEP:
        depth = int(generator.choice(DEPTHS))
        text, how = text.replace(json.dumps(_DEEP), "[" * depth + "]" * depth), f"{how} of depth {depth}"
    path.write_text(text)
    return f"model.json: {'.'.join(map(str, place))} {how}"


def change_network(generator: np.random.Generator, folder: Path) -> str:
    """Change the ONNX network: its bytes, its weights or its graph."""
    path = next(folder.glob("network*.onnx"))
    data = path.read_bytes()
    kind = generator.choice(["bytes", "weights", "graph"], p=[0.3, 0.2, 0.5])
    if kind == "bytes":
        changed, how = _change_bytes(generator, data)
    elif kind == "weights":
        changed, how = change_numbers(generator, data)
    else:
        changed, how = change_graph(generator, data)
    _replace(folder, path, changed)
    return f"network: {how}"


def change_weights(generator: np.random.Generator, folder: Path) -> str:
    """Change the weights in their safetensors file."""
    path = next(folder.glob("weights*.safetensors"))
    changed, how = change_safetensors(generator, path.read_bytes())
    _replace(folder, path, changed)
    return f"weights: {how}"


def change_safetensors(generator: np.random.Generator, data: bytes) -> tuple[bytes, str]:
    """Change a safetensors file: its bytes, its numbers, the header, or the JSON text in the header."""
    length = struct.unpack("<Q", data[:8])[0]
    header, numbers = json.loads(data[8 : 8 + length]), data[8 + length :]
    kinds = ["bytes", "numbers", "header", *(["metadata"] if "__metadata__" in header else [])]
    kind = generator.choice(kinds)
    if kind == "bytes":
        return _change_bytes(generator, data)
    if kind == "numbers":
        begin = 8 + length + 4 * int(generator.integers(len(numbers) // 4))
        value = struct.pack("<f", generator.choice([np.nan, np.inf, -np.inf, 3e38, -1e30, 0.0]))
        return data[:begin] + value + data[begin + 4 :], f"{value!r} at {begin}"
    if kind == "metadata":
        saved = json.loads(header["__metadata__"]["checkpoint"])
        place, how = _change_content(generator, saved)
        header["__metadata__"]["checkpoint"] = json.dumps(saved)
    elif generator.random() < 0.2:
        name = str(generator.choice([name for name in header if name != "__metadata__"]))
        place, how = (name, "dtype"), str(generator.choice(NUMBER_TYPES))
        header[name]["dtype"] = how
    else:
        kept = {name: header.pop(name) for name in ("__metadata__",) if name in header}
        place, how = _change_content(generator, header)
        header |= kept
    return _join_header(header, numbers), f"{kind} {'.'.join(map(str, place))} {how}"


def change_checkpoint(generator: np.random.Generator, data: bytes) -> tuple[bytes, str]:
    """Change a checkpoint as any safetensors file; its checksum is made to fit again, but where bytes are changed."""
    changed, how = change_safetensors(generator, data)
    try:
        length = struct.unpack("<Q", changed[:8])[0]
        header, tensors = json.loads(changed[8 : 8 + length]), load(changed)
        header["__metadata__"]["checksum"] = hash_content(header["__metadata__"]["checkpoint"], tensors)
    except Exception:  # such a file cannot be opened at all
        return changed, how
    return (changed if " bytes at " in how else _join_header(header, changed[8 + length :])), how


def _join_header(header: Content, numbers: bytes) -> bytes:
    written = json.dumps(header).encode()
    return struct.pack("<Q", len(written)) + written + numbers


CHANGES: dict[str, Change] = {"card": change_card, "network": change_network, "weights": change_weights}
"""Changes to a folder, by the part that is changed."""

_DELETED = object()
_DEEP = "a deep list stands here"


def _replace(folder: Path, path: Path, data: bytes) -> None:
    """Replace a file and its checksum in the card."""
    card = json.loads((folder / "model.json").read_text())
    path.write_bytes(data)
    card["checksums"][path.name] = hashlib.sha256(data).hexdigest()
    (folder / "model.json").write_text(json.dumps(card))


def _list_places(content: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The keys and numbers that lead to each value in `content`."""
    items: Any = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in items:
        yield (*before, key)
        if isinstance(value, dict | list):
            yield from _list_places(value, (*before, key))


def _change_content(generator: np.random.Generator, content: Content) -> tuple[tuple[Any, ...], str]:
    """Change a value in `content`; where it was, and how."""
    places = list(_list_places(content))
    place = places[generator.integers(len(places))]
    return place, _set_place(content, place, _choose_value(generator, content, place, deep=False))


def _choose_value(
    generator: np.random.Generator, content: Content, place: tuple[Any, ...], *, deep: bool = True
) -> Any:
    """A value in the place of another one: of its type, of another type, or none."""
    old: Any = content
    for key in place:
        old = old[key]
    kind = generator.choice(["number", "word", "other", "delete", "near", "deep"], p=[0.35, 0.2, 0.15, 0.1, 0.15, 0.05])
    if kind == "near" and type(old) in (int, float):
        return (
            old * float(generator.choice([-1, 2, 1000])) if type(old) is float else old + int(generator.choice([-1, 1]))
        )
    if kind == "near" and isinstance(old, list) and old:
        return [old[::-1], old + old, old[:-1], old[:1] * 1000][generator.integers(4)]
    if kind == "delete":
        return _DELETED
    if kind == "deep" and deep:
        return _DEEP
    choices: tuple[Any, ...] = {"word": WORDS, "other": OTHERS}.get(str(kind), NUMBERS)
    return choices[generator.integers(len(choices))]


def _set_place(content: Content, place: tuple[Any, ...], value: Any) -> str:
    part: Any = content
    for key in place[:-1]:
        part = part[key]
    if value is _DELETED:
        del part[place[-1]]
        return "deleted"
    part[place[-1]] = value
    return f"= {value!r:.60}"


def _change_bytes(generator: np.random.Generator, data: bytes) -> tuple[bytes, str]:
    """Flip, cut, repeat, insert or remove bytes."""
    begin = int(generator.integers(len(data)))
    size = int(generator.choice([1, 4, 100, 5000]))
    kind = str(generator.choice(["flip", "cut", "repeat", "noise", "remove"]))
    noise = generator.bytes(size)
    changed = {
        "flip": data[:begin] + bytes([data[begin] ^ 1 << int(generator.integers(8))]) + data[begin + 1 :],
        "cut": data[:begin],
        "repeat": data[: begin + size] + data[begin:],
        "noise": data[:begin] + noise + data[begin + size :],
        "remove": data[:begin] + data[begin + size :],
    }
    return changed[kind], f"{kind} {size} bytes at {begin}"
