"""Sorts findings and checks into the groups in which people read them, and decides how each group stands."""

from collections.abc import Callable, Iterable, Sequence
from typing import get_args

from banxway.models.integrations.kinds import KINDS, WHATSAPP
from banxway.models.status.diagnosis import (
    DiagnosisCheck,
    DiagnosisFinding,
    DiagnosisGroup,
    GroupName,
    GroupState,
    WhyNot,
)

_OF_AREA: dict[str, GroupName] = {
    "access": "access",
    "database": "database",
    "encryption": "keys",
    "queues": "queues",
    "exotel": "exotel",
    "whatsapp": "whatsapp",
    "mail": "mailboxes",
    "polling": "mailboxes",
    "webhooks": "webhooks",
    "sending": "sending",
}
_OF_CODE: dict[str, GroupName] = {
    "clock_skew": "clock",
    "messages_waiting": "sending",
    "diagnosis_incomplete": "mailboxes",
}
_OF_CHECK: dict[str, GroupName] = {
    "database": "database",
    "encryption": "keys",
    "ledger": "sending",
    "rows": "access",
    "smtp": "mailboxes",
    "imap": "mailboxes",
    "queue": "queues",
    "webhook_url": "webhooks",
    "clock": "clock",
}
_ASKED_OUTSIDE: tuple[GroupName, ...] = ("exotel", "whatsapp", "mailboxes")
"""The groups that have nothing to check before an account is configured."""


def group_of_finding(code: str, area: str, subject: str) -> GroupName:
    """Return the group of a cause. One about integrations goes by its subject: a mailbox goes by its address."""
    if code in _OF_CODE and not (code == "diagnosis_incomplete" and subject != "mailboxes"):
        return _OF_CODE[code]
    return _OF_AREA.get(area) or _of_subject(subject)


def group_of_check(name: str, subject: str) -> GroupName:
    """Return the group of a check."""
    return _OF_CHECK.get(name) or _of_subject(subject)


def _of_subject(subject: str) -> GroupName:
    first = subject.split(", ", maxsplit=1)[0]
    if first == WHATSAPP.type:
        return "whatsapp"
    return "mailboxes" if "@" in first or KINDS.get(first, WHATSAPP).number_setting is None else "exotel"


def is_asked(group: GroupName | None, name: str, subject: str) -> bool:
    """Return whether a check belongs to the one group that is asked for; without one, every check does."""
    return group is None or group == group_of_check(name, subject)


def summed(
    findings: Sequence[DiagnosisFinding],
    checks: Sequence[DiagnosisCheck],
    *,
    asked: GroupName | None,
    has_facts: bool,
) -> list[DiagnosisGroup]:
    """Return every group with its state, in the order in which people read them."""
    examined = {each.group for each in findings} | {each.group for each in checks}
    is_blocked = not has_facts or any(each.group == "keys" and each.severity == "error" for each in findings)

    def why_not(name: GroupName) -> WhyNot | None:
        if asked not in (None, name):
            return "not_asked"
        if name in examined:
            return None
        if not has_facts:
            return "blocked"
        if name not in _ASKED_OUTSIDE:
            return None
        return "blocked" if is_blocked else "not_configured"

    return [_group(name, findings, why_not) for name in get_args(GroupName)]


def _group(
    name: GroupName, findings: Iterable[DiagnosisFinding], why_not: Callable[[GroupName], WhyNot | None]
) -> DiagnosisGroup:
    reason = why_not(name)
    severities = {each.severity for each in findings if each.group == name}
    if reason:
        return DiagnosisGroup(name=name, state="not_checked", not_checked_because=reason)
    state: GroupState = "fail" if "error" in severities else "warn" if "warning" in severities else "pass"
    return DiagnosisGroup(name=name, state=state, not_checked_because=None)
