"""Business hours: a week in the business's own timezone."""

from datetime import datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, model_validator

from banxway.models.fields import ClockTime, FieldProblem, RequestBody


def _must_be_known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be a known timezone, such as Asia/Kolkata") from error
    return name


class OpeningHours(RequestBody):
    """One weekday: open from `start` to `end`, or closed."""

    start: ClockTime | None = None
    """When it opens, in local time; required unless `closed`."""
    end: ClockTime | None = None
    """When it closes, in local time, later than `start`; required unless `closed`."""
    closed: bool = False
    """Whether it is closed all day."""

    @model_validator(mode="after")
    def _is_a_span(self) -> "OpeningHours":
        if self.closed:
            return self
        if self.start is None or self.end is None:
            raise FieldProblem("end" if self.start else "start", "is required, unless closed is true")
        if time.fromisoformat(self.start) >= time.fromisoformat(self.end):
            raise FieldProblem("end", "must be later than start")
        return self


class HoursNow(BaseModel):
    """Whether business hours are open at this moment."""

    is_open: bool
    """Whether it is open."""
    until: datetime | None
    """When that ends; null if it never does."""
    timezone: str
    """The zone of the hours, by its IANA name."""
    zone: str
    """The zone's short name at this moment, such as IST."""


class BusinessHours(RequestBody):
    """The hours of a week; a weekday that is left out is closed."""

    enabled: bool = True
    """Whether the hours apply; if not, it is always open."""
    timezone: Annotated[str, AfterValidator(_must_be_known_zone)] = "Asia/Kolkata"
    """The zone of these hours, by its IANA name."""
    monday: OpeningHours | None = None
    """Monday's hours; left out, it is closed."""
    tuesday: OpeningHours | None = None
    """Tuesday's hours; left out, it is closed."""
    wednesday: OpeningHours | None = None
    """Wednesday's hours; left out, it is closed."""
    thursday: OpeningHours | None = None
    """Thursday's hours; left out, it is closed."""
    friday: OpeningHours | None = None
    """Friday's hours; left out, it is closed."""
    saturday: OpeningHours | None = None
    """Saturday's hours; left out, it is closed."""
    sunday: OpeningHours | None = None
    """Sunday's hours; left out, it is closed."""

    def is_open(self, at: datetime) -> bool:
        """Return whether an instant is within these hours, in local time; always True if `enabled` is false."""
        if not self.enabled:
            return True
        local = at.astimezone(ZoneInfo(self.timezone))
        span = self._span(local.weekday())
        return span is not None and span[0] <= local.time() < span[1]

    def now(self, at: datetime) -> HoursNow:
        """Return whether an instant is within these hours, and when that ends."""
        local = at.astimezone(ZoneInfo(self.timezone))
        is_open = self.is_open(at)
        until = None if not self.enabled else self._end_today(local) if is_open else self._next_start(local)
        return HoursNow(is_open=is_open, until=until, timezone=self.timezone, zone=local.tzname() or "UTC")

    def _span(self, weekday: int) -> tuple[time, time] | None:
        day: OpeningHours | None = getattr(self, _WEEKDAYS[weekday])
        if day is None or day.closed or day.start is None or day.end is None:
            return None
        return time.fromisoformat(day.start), time.fromisoformat(day.end)

    def _end_today(self, local: datetime) -> datetime | None:
        span = self._span(local.weekday())
        return datetime.combine(local.date(), span[1], local.tzinfo) if span else None

    def _next_start(self, local: datetime) -> datetime | None:
        """Return the next opening within a week; the same weekday counts again if today's hours are over."""
        for days in range(len(_WEEKDAYS) + 1):
            day = local.date() + timedelta(days=days)
            span = self._span(day.weekday())
            if span and (days > 0 or local.time() < span[0]):
                return datetime.combine(day, span[0], local.tzinfo)
        return None

    def as_entered(self) -> dict[str, Any]:
        """Return the hours as they were typed, with `enabled` and `timezone` even if these were left out."""
        typed = self.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        return {"enabled": self.enabled, "timezone": self.timezone} | typed


def in_week_order(hours: dict[str, Any]) -> dict[str, Any]:
    """Return stored hours in their order: `enabled` and `timezone`, then Monday to Sunday."""
    return {name: hours[name] for name in BusinessHours.model_fields if name in hours}


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
