"""How many files the tests generate: the same few each time, or with FUZZ_FILES=2000 as many, by the seed given."""

import os

from hypothesis import HealthCheck, settings

__all__ = ["few", "many"]

FILES = int(os.environ.get("FUZZ_FILES", "0"))


def _choose(usual: int, *, share: int) -> settings:
    """Settings for `usual` files, or where there are FILES for one of `share` of them."""
    return settings(
        max_examples=FILES // share if FILES else usual,
        derandomize=not FILES,
        database=None,
        print_blob=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


many = _choose(100, share=1)
few = _choose(15, share=10)
