"""How random inputs are chosen: the same each time in `make test`, different each time in `make soak`.

A free seed is printed, so that a failure can be repeated: BANXWAY_SOAK=1 BANXWAY_SEED=<seed> pytest <test>.
"""

import os
import random
from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, settings

T = TypeVar("T")

IS_SOAK = os.environ.get("BANXWAY_SOAK") == "1"

# How long an example may take depends on the machine: no outcome of ours does.
_MACHINE_INDEPENDENT = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow],
}


def load_profile() -> None:
    """Let hypothesis try the same examples in each run, or others each time in a soak."""
    settings.register_profile("gate", derandomize=True, **_MACHINE_INDEPENDENT)
    settings.register_profile("soak", derandomize=False, print_blob=True, **_MACHINE_INDEPENDENT)
    settings.load_profile("soak" if IS_SOAK else "gate")


def in_soak(soaked: T, *, else_: T) -> T:
    """Return the number for `make soak`, or the smaller one that `make test` can afford."""
    return soaked if IS_SOAK else else_


def dice(fixed_seed: int, *, announce: Callable[[str], object] = print) -> random.Random:
    """Return a generator with the fixed seed; in a soak with a seed of its own, which is printed."""
    if not IS_SOAK:
        return random.Random(fixed_seed)
    seed = int(os.environ.get("BANXWAY_SEED") or random.SystemRandom().getrandbits(32))
    announce(f"BANXWAY_SEED={seed}")
    return random.Random(seed)
