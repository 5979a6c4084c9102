"""Finds the function behind a method and a path, as an HTTP API does."""

from collections.abc import Sequence
from dataclasses import dataclass

from local.template import Route


@dataclass(frozen=True)
class Match:
    """A route that matches, with the values of its path's variables."""

    route: Route
    parameters: dict[str, str]

    @property
    def key(self) -> str:
        """Return the route key as API Gateway writes it."""
        return "$default" if self.route.path == "$default" else f"{self.route.method} {self.route.path}"


class Router:
    """All routes. A full path wins over a variable, a variable over `{rest+}`, a method over ANY."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._default = next((route for route in routes if route.path == "$default"), None)
        patterned = [(_segments(route.path), route) for route in routes if route.path != "$default"]
        self._patterns = sorted(patterned, key=lambda each: (_rank(each[0]), each[1].method == "ANY"))

    def match(self, method: str, path: str) -> Match | None:
        """Return the route for a request whose path is already percent-decoded."""
        segments = _segments(path)
        for pattern, route in self._patterns:
            if route.method in (method, "ANY"):
                parameters = _parameters(pattern, segments)
                if parameters is not None:
                    return Match(route, parameters)
        return Match(self._default, {}) if self._default else None


def _segments(path: str) -> list[str]:
    return path.split("/")[1:]


def _rank(pattern: list[str]) -> list[int]:
    return [2 if each.endswith("+}") else 1 if each.startswith("{") else 0 for each in pattern]


def _parameters(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for position, expected in enumerate(pattern):
        if expected.endswith("+}") and len(segments) > position:
            return {**found, expected[1:-2]: "/".join(segments[position:])}
        if position >= len(segments):
            return None
        if expected.startswith("{"):
            if not segments[position]:
                return None
            found[expected[1:-1]] = segments[position]
        elif expected != segments[position]:
            return None
    return found if len(pattern) == len(segments) else None
