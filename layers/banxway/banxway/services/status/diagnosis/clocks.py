"""Checks whether the clocks of functions, database and Exotel agree (reference/threats-and-faults.md, fault 42)."""

from datetime import timedelta
from functools import partial

from banxway.clock import Clock
from banxway.errors import ProviderError
from banxway.services.status.diagnosis.causes import Found, Probe, ProbeResult
from banxway.services.status.diagnosis.deployment import Deployment

MOST_SKEW = timedelta(seconds=30)


class ClockExamination:
    """Compares the database's clock, already read, with ours, and asks Exotel for its own."""

    def __init__(
        self, deployment: Deployment, clock: Clock, *, exotel_url: str | None, database_ahead: timedelta
    ) -> None:
        self._deployment = deployment
        self._exotel_url = exotel_url
        self._clock = clock
        self._database_ahead = database_ahead
        self._exotel_ahead: timedelta | None = None

    def probes(self) -> list[Probe]:
        """Return the probe; if Exotel does not answer, it proves nothing about clocks."""
        if self._exotel_url is None:
            return []
        return [Probe("clock", "exotel", partial(self._ask, self._exotel_url))]

    def _ask(self, url: str) -> ProbeResult:
        try:
            answer = self._deployment.fetch(url)
        except ProviderError:
            return ProbeResult()
        if answer.date is not None:
            self._exotel_ahead = answer.date - self._clock.now()
        return ProbeResult(ok=not _is_off(self._exotel_ahead))

    def conclude(self) -> list[Found]:
        """Return whose clock is wrong: the one that disagrees with the other two."""
        database, exotel = self._database_ahead, self._exotel_ahead
        if not _is_off(database) and not _is_off(exotel):
            return []
        said = [f"the database is {_words(database)}"]
        if exotel is not None:
            said.append(f"Exotel is {_words(exotel)}")
        subject = self._culprit(database, exotel)
        return [Found("clock_skew", subject, f"Seen from the functions, {' and '.join(said)}")]

    @staticmethod
    def _culprit(database: timedelta, exotel: timedelta | None) -> str:
        if exotel is None:
            return "functions or database"
        if not _is_off(exotel):
            return "database"
        if not _is_off(database):
            return "functions and database"
        return "functions" if abs(database - exotel) <= MOST_SKEW else "functions, database and Exotel"


def _is_off(ahead: timedelta | None) -> bool:
    return ahead is not None and abs(ahead) > MOST_SKEW


def _words(ahead: timedelta) -> str:
    seconds = round(ahead.total_seconds())
    return f"{abs(seconds)} s {'ahead' if seconds >= 0 else 'behind'}"
