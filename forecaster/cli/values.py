"""What is wrong with a value that an option cannot take, in plain words, and not those of the command line library."""

from typing import Any

__all__ = ["explain_value"]

KINDS = {
    "int_parsing": "not a whole number",
    "int_from_float": "not a whole number",
    "int_parsing_size": "not a whole number that can be used",
    "float_parsing": "not a number",
    "greater_than_equal": "less than {ge:,}",
    "less_than_equal": "more than {le:,}",
}
"""What a value is, by the name that the library has for it."""
OWN = "Value error, "
"""What the library puts before messages of others."""


def explain_value(error: BaseException) -> str | None:
    """A sentence on the value that the `error` refuses; None where it is of another kind."""
    list_errors = getattr(error.__cause__, "errors", None)
    found: dict[str, Any] = list_errors()[0] if callable(list_errors) else {}
    name, message = str(found.get("type", "")), str(found.get("msg", ""))
    kind = KINDS.get(name)
    if kind is None:
        return message.removeprefix(OWN) if message.startswith(OWN) else None
    value = found["input"]
    shown = repr(value) if isinstance(value, str) and "parsing" in name else value
    return f"{shown} is {kind.format(**found.get('ctx', {}))}."
