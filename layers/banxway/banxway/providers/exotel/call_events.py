"""Parses a call's callback in the shapes of v1, v2 and v3 (reference/exotel.md, 2.2 and 3.5)."""

from typing import Any

from banxway.models.webhooks.callbacks import Callback, CallReport, UnknownCallback
from banxway.providers.exotel.answers import as_int, mapping
from banxway.providers.exotel.identities import identity_of
from banxway.providers.exotel.statuses import call_status
from banxway.providers.exotel.times import parse_time
from banxway.providers.exotel.values import stated, unwrapped

_EVENTS = ("answered", "terminal")


def read_call(body: dict[str, Any]) -> Callback:
    """Parse one call report; a body that names no call, or an unknown event, becomes UnknownCallback."""
    details = mapping(body.get("call_details"))
    if details:
        event_word = stated(mapping(body.get("event_details")).get("event_type"))
        report = _v3_report(body, details, _event(event_word))
    else:
        event_word = stated(body.get("EventType"))
        report = _v1_report(body, _event(event_word))
    if report is None or report.event not in (*_EVENTS, "status"):
        kind = f"call:{(event_word or 'unknown').lower()}"
        return UnknownCallback(kind, identity_of("call-unknown", body), body)
    return report


def _event(word: str | None) -> str:
    return (word or "status").lower()


def _v3_report(body: dict[str, Any], details: dict[str, Any], event: str) -> CallReport | None:
    recordings = details.get("recordings")
    first = mapping(recordings[0]) if isinstance(recordings, list) and recordings else {}
    return _report(
        body,
        sid=stated(details.get("sid")) or stated(details.get("call_sid")),
        event=event,
        word=stated(details.get("status")),
        duration_s=as_int(details.get("total_talk_time")),
        recording_url=stated(first.get("url")),
        reference=details.get("custom_field"),
        times=[details.get(name) for name in ("updated_time", "end_time", "start_time")],
        legs=details.get("legs"),
    )


def _v1_report(body: dict[str, Any], event: str) -> CallReport | None:
    return _report(
        body,
        sid=stated(body.get("CallSid")),
        event=event,
        word=stated(body.get("Status")),
        duration_s=as_int(body.get("ConversationDuration")),
        recording_url=stated(body.get("RecordingUrl")),
        reference=body.get("CustomField"),
        times=[body.get(name) for name in ("DateUpdated", "EndTime", "StartTime")],
        legs=body.get("Legs"),
    )


def _report(
    body: dict[str, Any],
    *,
    sid: str | None,
    event: str,
    word: str | None,
    duration_s: int | None,
    recording_url: str | None,
    reference: object,
    times: list[object],
    legs: object,
) -> CallReport | None:
    if sid is None:
        return None
    # One call has several reports of one event: one for each leg's answer, and one for a recording that comes late.
    parts = [sid, event, word, duration_s, recording_url, legs]
    if event == "status" and word is None:
        parts.append(times)
    status = call_status(word)
    return CallReport(
        provider_sid=sid,
        event=event,
        # v3 states only "active" while people talk (reference/exotel.md, 2.3).
        status="in_progress" if word is None and event == "answered" else status,
        provider_status=word,
        duration_s=duration_s,
        recording_url=recording_url,
        reference=unwrapped(reference),
        occurred_at=next((time for time in map(parse_time, times) if time), None),
        identity=identity_of("call", *parts),
        raw=body,
    )
