"""What a soak has counted, printed in one line with how long it took."""

import sys

from banxway.clock import SYSTEM_CLOCK


class Figures:
    """The figures of one soak, which begins when they are made."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._began = SYSTEM_CLOCK.monotonic()

    def show(self, **counted: object) -> None:
        """Print what was counted."""
        took_s = SYSTEM_CLOCK.monotonic() - self._began
        shown = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in counted.items())
        sys.stdout.write(f"\n{self._name}: {shown}; {took_s:.0f} s\n")
