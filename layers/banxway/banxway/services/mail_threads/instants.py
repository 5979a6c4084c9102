"""The order of mails that arrived in the same instant, as servers tell it: in whole seconds.

Their own dates order them, but an answer stands behind what it answers, whatever its sender's clock said.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from banxway.services.mail_threads.nodes import MailNode

_STEP = timedelta(milliseconds=1)


def places_of(newcomers: Sequence[MailNode], known: Iterable[MailNode]) -> dict[UUID, datetime]:
    """Return the place of each new mail among those of its instant; known mails keep theirs."""
    nearby = list(known)
    answers = defaultdict(list)
    for node in nearby:
        for reference in node.references:
            answers[reference].append(node)
    places = {node.id: node.placed_at for node in nearby}
    for node in newcomers:
        behind = [places[one.id] for one in answers[node.mail_id or ""] if one.at == node.at]
        places[node.id] = min([node.placed_at, *(one - _STEP for one in behind)])
    by_mail_id = defaultdict(list)
    for node in (*nearby, *newcomers):
        if node.mail_id:
            by_mail_id[node.mail_id].append(node)
    answered = {
        node.id: [
            one.id
            for reference in node.references
            for one in by_mail_id[reference]
            if one.at == node.at and one.id != node.id
        ]
        for node in newcomers
    }
    # A round settles at least one more generation; mails that name each other in a circle end the rounds.
    for _ in newcomers:
        if not _moved_behind(answered, places):
            break
    return {node.id: places[node.id] for node in newcomers}


def _moved_behind(answered: dict[UUID, list[UUID]], places: dict[UUID, datetime]) -> bool:
    """Move mails behind what they answer; False if all stand there."""
    moved = False
    for answer, others in answered.items():
        earliest = max((places[other] + _STEP for other in others), default=places[answer])
        if places[answer] < earliest:
            places[answer] = earliest
            moved = True
    return moved
