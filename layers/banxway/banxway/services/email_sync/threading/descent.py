"""Finds the mails of a thread that answer a given mail."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from banxway.services.email_sync.threading.gathering import latest_answered
from banxway.services.email_sync.threading.nodes import MailNode


def descendants(ancestor: UUID, mails: Sequence[MailNode]) -> set[UUID]:
    """Return the ids of the mails of a thread that answer `ancestor`, directly or through other answers."""
    answers: dict[UUID, list[UUID]] = defaultdict(list)
    by_id = {mail_id: node for node in mails for mail_id in node.mail_ids}
    for node in mails:
        answered = _answered(node, by_id, mails)
        if answered:
            answers[answered.id].append(node.id)
    found: set[UUID] = set()
    waiting = [ancestor]
    while waiting:
        for answer in answers[waiting.pop()]:
            if answer not in found and answer != ancestor:
                found.add(answer)
                waiting.append(answer)
    return found


def _answered(node: MailNode, by_id: dict[str, MailNode], mails: Sequence[MailNode]) -> MailNode | None:
    """Return the last mail of the thread that one refers to, or None; a mail written here refers to all before it."""
    for reference in reversed(node.references):
        if reference in by_id and by_id[reference].id != node.id:
            return by_id[reference]
    return latest_answered(node, mails) if node.joins_by_subject else None
