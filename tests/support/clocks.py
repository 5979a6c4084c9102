"""A clock that only moves when a test moves it."""

from datetime import UTC, datetime, timedelta


class SetClock:
    """Returns the same instant until `advance`."""

    def __init__(self, now: datetime = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)
