"""The order of mails that arrived in the same instant; servers give arrivals in whole seconds.

Their own dates order them, but an answer comes after what it answers, even if its sender's clock was wrong.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from banxway.services.email_sync.threading.nodes import MailNode

_STEP = timedelta(milliseconds=1)


def instants_within(newcomers: Sequence[MailNode], known: Iterable[MailNode]) -> dict[UUID, datetime]:
    """Return the instant that orders each new mail among those of its second; known mails keep theirs."""
    nearby = list(known)
    instants = {node.id: node.placed_at for node in (*nearby, *newcomers)}
    answered = _answered(newcomers, [*nearby, *newcomers])
    answering = _answered(nearby, newcomers)
    answers: dict[UUID, list[UUID]] = defaultdict(list)
    for answer, others in answering.items():
        for other in others:
            answers[other].append(answer)
    # A round settles at least one more generation; mails that name each other in a circle end with the rounds.
    for _ in newcomers:
        before = dict(instants)
        for node in newcomers:
            behind = max((instants[one] for one in answered[node.id]), default=None)
            ahead_of = min((instants[one] for one in answers[node.id]), default=None)
            instants[node.id] = _between(node.placed_at, behind, ahead_of)
        if instants == before:
            break
    return {node.id: instants[node.id] for node in newcomers}


def _answered(answers: Sequence[MailNode], mails: Sequence[MailNode]) -> dict[UUID, list[UUID]]:
    """Return the ids of the mails that each mail refers to, among those of its own arrival time."""
    by_mail_id: dict[tuple[str, datetime], list[UUID]] = defaultdict(list)
    for node in mails:
        for mail_id in node.mail_ids:
            by_mail_id[mail_id, node.at].append(node.id)
    return {
        node.id: [
            one for reference in node.references for one in by_mail_id[reference, node.at] if one != node.id
        ]
        for node in answers
    }


def _between(wanted: datetime, behind: datetime | None, ahead_of: datetime | None) -> datetime:
    """Return the instant nearest to `wanted` that is after `behind` and, if there is room, before `ahead_of`."""
    instant = wanted if ahead_of is None else min(wanted, ahead_of - _STEP)
    if behind is None or instant > behind:
        return instant
    instant = behind + _STEP
    return behind + (ahead_of - behind) / 2 if ahead_of and behind < ahead_of <= instant else instant
