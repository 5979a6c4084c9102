"""Checks by their rows whether mailboxes are polled when they are due (the guide's issue 5)."""

from collections.abc import Iterator

from banxway.clock import iso
from banxway.services.email_sync import troubles
from banxway.services.status.diagnosis.causes import Found
from banxway.services.status.diagnosis.mail.causes import code_of_reason
from banxway.storage.status.diagnosis import ExaminedAccount, Facts, ShortMails, TroubledFolder

_GRACE_S = 120.0
_INTERVALS = 5
_NEVER_AFTER_S = 300.0
_FRESH_S = 900.0
_LONGEST_LEASE_S = 900.0
_OF_THE_PROVIDER = ("imap_too_many_connections", "mail_rate_limited", "poll_interval_too_short")


def examine(facts: Facts) -> list[Found]:
    """Return what is wrong with polling; `conclude` hides what only follows from a failing login."""
    polled = [row for row in facts.mailboxes if row.imap_enabled]
    late = [row for row in polled if _is_late(row) and not _is_leased_away(row)]
    found = [each for row in facts.mailboxes for each in _mailbox(row, polled)]
    found += [
        _troubled(row) for row in facts.folders if troubles.lasts(row.known_trouble, for_s=row.trouble_s)
    ]
    found += [_short(row) for row in facts.short]
    if late and not any(_is_fresh(row) for row in polled):
        worst = max(row.overdue_s for row in late)
        evidence = f"{len(late)} of {len(polled)} mailboxes are overdue, the longest for {_span(worst)}"
        found.append(Found("poller_not_running", "poller", evidence))
    return found


def _mailbox(row: ExaminedAccount, polled: list[ExaminedAccount]) -> Iterator[Found]:
    subject = row.email
    if not row.imap_enabled:
        yield Found("imap_switched_off", subject, "imap_enabled is false")
        return
    if _is_leased_away(row):
        yield Found("lease_stuck", subject, f"leased for another {_span(row.leased_for_s or 0.0)}")
    elif row.last_polled_at is None and row.last_poll_error is None:
        if row.unpolled_s > _NEVER_AFTER_S and any(map(_is_fresh, polled)):
            yield Found("mailbox_never_polled", subject, f"added {_span(row.unpolled_s)} ago, never polled")
    elif _is_late(row):
        yield Found("poll_overdue", subject, f"its poll was due {_span(row.overdue_s)} ago")
    if row.last_poll_error and row.consecutive_failures >= 1:
        yield _failing(row)
    if not row.is_verified:
        yield Found("mailbox_unverified", subject, "is_verified is false")


def _failing(row: ExaminedAccount) -> Found:
    found = code_of_reason(row.last_poll_reason, interval_ms=row.poll_interval_ms)
    code = found if found in _OF_THE_PROVIDER else "poll_failing"
    evidence = f"{row.consecutive_failures} polls failed, the last with: {row.last_poll_error}"
    if code == "poll_interval_too_short":
        evidence += f" (every {row.poll_interval_ms / 1000:g} s)"
    # As the live probe's: what both see is one finding.
    return Found(code, row.email, evidence, root=(code, row.id))


def _troubled(row: TroubledFolder) -> Found:
    code = "mail_folder_refused"
    if row.trouble == "gone":
        code = "mail_folder_renamed" if row.renamed_to else "mail_folder_gone"
    words = troubles.in_words(row.known_trouble)
    evidence = f"{words}; since {iso(row.trouble_since)}; the server said: {row.trouble_said}"
    return Found(code, row.email, evidence)


def _short(row: ShortMails) -> Found:
    evidence = (
        f"{row.mails} of the last week, such as UID {row.uid} in {row.folder}: "
        f"{row.announced} bytes announced, {row.given} given"
    )
    return Found("mail_bodies_short", row.email, evidence)


def _is_late(row: ExaminedAccount) -> bool:
    allowed_s = max(_GRACE_S, _INTERVALS * row.poll_interval_ms / 1000)
    return bool(row.overdue_s > allowed_s)


def _is_fresh(row: ExaminedAccount) -> bool:
    return row.last_polled_at is not None and not _is_late(row) and row.unpolled_s < _FRESH_S


def _is_leased_away(row: ExaminedAccount) -> bool:
    return row.leased_for_s is not None and row.leased_for_s > _LONGEST_LEASE_S


def _span(seconds: float) -> str:
    minutes = seconds / 60
    return (
        f"{seconds:.0f} s"
        if minutes < 3
        else f"{minutes:.0f} min"
        if minutes < 180
        else f"{minutes / 60:.0f} h"
    )
