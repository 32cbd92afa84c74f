"""Find environment variables that were meant for an option and are misspelt: they would be ignored without a word."""

import difflib
import os
from collections.abc import Iterable

from forecaster.errors import ConfigurationError

__all__ = ["PREFIX", "refuse_misspelt"]

PREFIX = "FORECAST_"
OTHERS = frozenset({"FORECAST_DEBUG"})
LIKENESS = 0.9
"""From which on a name is taken for a misspelt one; others may belong to another program."""


def refuse_misspelt(own: Iterable[str], *, others: Iterable[str]) -> None:
    """Raise ConfigurationError for a variable that is nearly that of an option.

    `own` are the variables of the command, `others` those of all commands, which are looked at only where needed.
    """
    known = {*own, *OTHERS}
    unknown = [name for name in os.environ if name.startswith(PREFIX) and name not in known]
    if not unknown:
        return
    known.update(others)
    for name in unknown:
        near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=LIKENESS)
        if name not in known and near:
            raise ConfigurationError(f"{name}: no option has this variable. Did you mean {near[0]}?")
