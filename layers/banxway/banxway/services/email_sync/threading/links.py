"""The evidence by which two mails belong to one thread (reference/mail.md, 5).

Each rule looks at two mails and nothing else, so that the resulting threads do not depend on the order of arrival.
Knowing an id proves nothing alone, and neither does a From line: the person who refers to a mail must be one of those
it was from or to, and an address of our mailboxes in a From line proves nothing.
"""

from dataclasses import dataclass
from datetime import timedelta

from banxway.services.email_sync.threading.nodes import MailNode

SUBJECT_DAYS = 30
REPLACED_ID = "replaced_id"
"""The rule of a reply that names an unknown id and joins our mail by its subject: the provider replaced our id."""


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """The evidence that two mails belong together; a smaller `rank` is stronger."""

    rank: int
    rule: str
    evidence: str


def reference_link(one: MailNode, other: MailNode) -> Link | None:
    """Return the evidence that one of two mails refers to the other and is entitled to, or None."""
    found = [link for link in (_reference(one, other), _reference(other, one)) if link]
    return min(found, default=None)


def sibling_link(one: MailNode, other: MailNode) -> Link | None:
    """Return the evidence that two mails answer the same mail, which we may never have seen, or None."""
    if not one.references or not other.references or not _vouch_for_each_other(one, other):
        return None
    known = set(other.references)
    shared = next((reference for reference in reversed(one.references) if reference in known), None)
    return Link(1000, "siblings", shared) if shared else None


def conversation_link(one: MailNode, other: MailNode) -> Link | None:
    """Return the evidence that Outlook marked two mails as one conversation with one topic, or None."""
    if one.conversation is None or one.conversation != other.conversation:
        return None
    return Link(2000, "conversation", one.conversation) if _vouch_for_each_other(one, other) else None


def may_follow(child: MailNode, parent: MailNode) -> bool:
    """Return whether a reply whose header names no known mail may answer `parent` by its subject.

    Of all mails that it may answer, it answers the latest. If its header names an unknown id, it can only answer a
    mail of ours whose Message-ID the provider replaced.
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
    # A mail server gives the arrival in whole seconds (RFC 9051, INTERNALDATE); what we send has its microsecond.
    if parent.is_ours and not child.is_ours:
        return parent.at.replace(microsecond=0) <= child.at
    return parent.at < child.at


def subject_link(child: MailNode) -> Link:
    """Return the evidence of a reply that joins another mail by its subject."""
    if child.names_others:
        return Link(3500, REPLACED_ID, child.base_subject or "")
    return Link(3000, "subject", child.base_subject or "")


def _takes_part(one: MailNode, other: MailNode) -> bool:
    """Return whether the author of one mail is among the people of another."""
    if not one.is_ours:
        is_known = one.sender in one.outsiders and one.sender in other.people
        # A relay writes for several people: its address vouches for none of them.
        return is_known and (one.sender != other.sender or one.is_by_the_author_of(other))
    if one.outsiders:
        return not one.outsiders.isdisjoint(other.outsiders)
    # Mail among colleagues: what lies in our own Sent folder is certainly ours.
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
    # A person who learned an id from the mail that names it could give that id to a later mail of their own.
    was_there = parent.at <= child.at or (_takes_part(parent, child) and not parent.is_forged)
    return Link(distance, "references", evidence) if was_there else None


def _vouch_for_each_other(one: MailNode, other: MailNode) -> bool:
    if one.is_forged or other.is_forged or one.is_bounce or other.is_bounce:
        return False
    return _takes_part(one, other) and _takes_part(other, one)
