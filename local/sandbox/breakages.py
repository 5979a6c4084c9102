"""What is broken at a simulated provider, by name: until it is repaired, or for a number of requests."""

from collections.abc import Iterable


class Breakages:
    """The breakages of one provider. `known` are the names that may be broken."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = tuple(known)
        self._left: dict[str, int | None] = {}

    def begin(self, name: str, *, times: int | None = None) -> None:
        """Break something: until it is repaired, or for `times` requests. Raises ValueError."""
        if name not in self.known:
            raise ValueError(f"name: there is no breakage {name}")
        if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
            raise ValueError("times must be a whole number, at least 1")
        self._left[name] = times

    def end(self, name: str) -> None:
        """Repair something; harmless if it works."""
        self._left.pop(name, None)

    def clear(self) -> None:
        """Repair everything."""
        self._left.clear()

    def take(self, affecting: Iterable[str]) -> str | None:
        """Return what is broken of these, in the order of breaking, or None; counts it down."""
        wanted = set(affecting)
        name = next((each for each in self._left if each in wanted), None)
        if name is None:
            return None
        left = self._left[name]
        if left == 1:
            self.end(name)
        elif left is not None:
            self._left[name] = left - 1
        return name

    def listed(self) -> list[dict[str, object]]:
        """Return what is broken, as JSON; `left` is null for what stays broken until it is repaired."""
        return [{"name": name, "left": left} for name, left in self._left.items()]
