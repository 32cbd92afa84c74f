"""Find environment variables that were meant for an option and are none: they would be ignored without a word."""

import difflib
import os
import re
from collections.abc import Iterable

from forecaster.errors import ConfigurationError

__all__ = ["PREFIX", "find_unknown"]

PREFIX = "FORECAST_"
OTHERS = frozenset({"FORECAST_DEBUG"})
OF_KUBERNETES = re.compile(rf"{PREFIX}(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)")
"""What Kubernetes sets in every pod for a service that is called forecast."""
LIKENESS, LIKE_AT_ALL = 0.9, 0.6
"""From which on a name is taken for a misspelt one, as others may belong to another program; and may be meant."""


def find_unknown(own: Iterable[str], *, others: Iterable[str], learning: Iterable[str] = ()) -> list[str]:
    """A sentence for each variable that no option has; raises ConfigurationError for one that is nearly that of one.

    `own` are the variables of the command, `others` those of all commands, which are looked at only where needed. Those
    of other commands may be meant for these, and nothing is said, but for `learning`: the variables of `train`, where
    this command trains itself.
    """
    mine = {*own, *OTHERS}
    unknown = [name for name in os.environ if name.startswith(PREFIX) and name not in mine]
    unknown = [name for name in unknown if not OF_KUBERNETES.fullmatch(name)]
    if not unknown:
        return []
    known = mine | set(others)
    found = [
        f"{name}: it is a variable of forecast train, and changes nothing here."
        for name in sorted(set(unknown) & set(learning))
    ]
    for name in sorted(set(unknown) - known):
        near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=LIKENESS)
        meant = _guess(name, sorted(mine), near=near)
        sentence = f"{name}: no option has this variable." + (f" Did you mean {meant[0]}?" if meant else "")
        if near:
            raise ConfigurationError(sentence)
        found.append(sentence)
    return found


def _guess(name: str, mine: list[str], *, near: list[str]) -> list[str]:
    """What `name` may mean: one of `mine` before the one of other commands that is `near`."""
    words = {other: set(other.split("_")[1:]) for other in [name, *mine]}
    holding = [other for other in mine if words[name] <= words[other]]
    sharing = [other for other in mine if words[name] & words[other]]
    return (
        difflib.get_close_matches(name, mine, n=1, cutoff=LIKENESS)
        or difflib.get_close_matches(name, holding, n=1, cutoff=0.0)
        or near
        or difflib.get_close_matches(name, sharing, n=1, cutoff=LIKE_AT_ALL)
    )
