"""The evidence by which two mails belong to one thread (reference/mail.md, 5).

Each rule looks at two mails and nothing else, so that the threads that follow do not depend on the order of
arrival. Knowing an id proves nothing alone, and neither does a From line: whoever refers to a mail must have
been among those it was from or to, and a mailbox address of ours in a From line is nobody's proof.
"""

from dataclasses import dataclass
from datetime import timedelta

from banxway.services.email_sync.threading.nodes import MailNode

SUBJECT_DAYS = 30
REPLACED_ID = "replaced_id"
"""A reply names an unknown id and follows a mail of ours by its subject: the provider replaced our id."""


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """Why two mails belong together; a smaller `rank` is stronger."""

    rank: int
    rule: str
    evidence: str


def reference_link(one: MailNode, other: MailNode) -> Link | None:
    """Return the evidence that one of two mails refers to the other and may, or None."""
    found = [link for link in (_reference(one, other), _reference(other, one)) if link]
    return min(found, default=None)


def sibling_link(one: MailNode, other: MailNode) -> Link | None:
    """Return the evidence that two mails answer one that we may never have seen, or None."""
    if not one.references or not other.references or not _vouch_for_each_other(one, other):
        return None
    known = set(other.references)
    shared = next((reference for reference in reversed(one.references) if reference in known), None)
    return Link(1000, "siblings", shared) if shared else None


def conversation_link(one: MailNode, other: MailNode) -> Link | None:
    """Return Outlook's own mark of one conversation, with its topic, or None."""
    if one.conversation is None or one.conversation != other.conversation:
        return None
    return Link(2000, "conversation", one.conversation) if _vouch_for_each_other(one, other) else None


def may_follow(child: MailNode, parent: MailNode) -> bool:
    """Return whether a reply whose header names nothing that is known may answer a mail by its subject.

    Of all that it may answer, it answers the latest. Where its header names something, it can only be an answer
    to a mail of ours whose Message-ID the provider replaced.
    """
    return (
        child.joins_by_subject
        and (parent.is_ours or not child.names_others)
        and child.base_subject == parent.base_subject
        and parent.is_human
        and not parent.is_forged
        and _came_after(child, parent)
        and child.at <= parent.at + timedelta(days=SUBJECT_DAYS)
        and _takes_part(child, parent)
    )


def _came_after(child: MailNode, parent: MailNode) -> bool:
    # A mail server tells the arrival in whole seconds (RFC 9051, INTERNALDATE); what we send has its microsecond.
    if parent.is_ours and not child.is_ours:
        return parent.at.replace(microsecond=0) <= child.at
    return parent.at < child.at


def subject_link(child: MailNode) -> Link:
    """Return the evidence of a reply that follows another mail by its subject."""
    if child.names_others:
        return Link(3500, REPLACED_ID, child.base_subject or "")
    return Link(3000, "subject", child.base_subject or "")


def _takes_part(one: MailNode, other: MailNode) -> bool:
    """Say whether who wrote one mail was among the people of another."""
    if not one.is_ours:
        is_known = one.sender in one.outsiders and one.sender in other.people
        # Among what one relay wrote for several, its address vouches for none of them.
        return is_known and (one.sender != other.sender or one.is_by_the_author_of(other))
    if one.outsiders:
        return not one.outsiders.isdisjoint(other.outsiders)
    # Colleagues among themselves: what lies in our own Sent folder is ours beyond doubt.
    return other.is_ours and not other.outsiders and not one.people.isdisjoint(other.people)


def _reference(child: MailNode, parent: MailNode) -> Link | None:
    named = [child.references.index(one) for one in parent.mail_ids if one in child.references]
    if not named:
        return None
    # The last reference is the mail that was answered, and the strongest.
    evidence = child.references[max(named)]
    distance = len(child.references) - max(named)
    if child.is_bounce:
        is_true = parent.is_ours and not child.is_forged and not child.failed.isdisjoint(parent.people)
        return Link(distance, "bounce", evidence) if is_true else None
    if not _takes_part(child, parent) or (child.is_forged and not parent.is_ours):
        return None
    # Who learned an id from the mail that names it could give it to a mail of their own, later.
    was_there = parent.at <= child.at or (_takes_part(parent, child) and not parent.is_forged)
    return Link(distance, "references", evidence) if was_there else None


def _vouch_for_each_other(one: MailNode, other: MailNode) -> bool:
    if one.is_forged or other.is_forged or one.is_bounce or other.is_bounce:
        return False
    return _takes_part(one, other) and _takes_part(other, one)
