"""Assigns mails to threads: mails that evidence connects are one thread, in any order of arrival.

A new mail is compared with the known mails that share its ids, conversation or subject. If it proves that two threads
are one, the younger is merged into the older. If it proves to be what a reply without references answered, instead of
an older mail, the reply's thread is grouped again.

The caller has called `lock_filing` (storage/messages/filed.py), so that two mailboxes that receive parts of one
conversation at once come to the same threads.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from banxway.ids import NewId
from banxway.services.email_sync.threading.gathering import Groups, gather, group_of, latest_answered
from banxway.services.email_sync.threading.instants import instants_within
from banxway.services.email_sync.threading.links import REPLACED_ID, SUBJECT_DAYS, Link
from banxway.services.email_sync.threading.nodes import MailNode
from banxway.services.email_sync.threading.rows import node_of
from banxway.storage.database import Transaction
from banxway.storage.threads import mail_links as mail_evidence
from banxway.storage.threads.mail_links import SubjectQuery

# A thread of more mails than this is not grouped again for a mail that joins by its subject alone.
_MOST_REGATHERED = 5_000


@dataclass(frozen=True, slots=True)
class ThreadAssignment:
    """The thread that a mail joins, and why. If `is_new`, the caller has yet to create the thread."""

    thread_id: UUID
    rule: str
    evidence: str
    is_new: bool
    related_thread_id: UUID | None = None


@dataclass(slots=True)
class ThreadAssignments:
    """The thread of each new mail, the pairs of threads merged (lost, kept), and known mails that move to a thread.

    `placed_at` orders new mails among those of the same instant.
    """

    by_message: dict[UUID, ThreadAssignment] = field(default_factory=dict)
    merged: list[tuple[UUID, UUID]] = field(default_factory=list)
    moved: list[tuple[UUID, ThreadAssignment]] = field(default_factory=list)
    placed_at: dict[UUID, datetime] = field(default_factory=dict)

    @property
    def touched(self) -> set[UUID]:
        """The ids of the threads that gained a mail."""
        gained = (*self.by_message.values(), *(assignment for _, assignment in self.moved))
        return {each.thread_id for each in gained} | {kept for _, kept in self.merged}


class MailThreading:
    """Assigns mails to threads."""

    def __init__(self, *, new_id: NewId) -> None:
        self._new_id = new_id

    def assign(
        self, transaction: Transaction, newcomers: Sequence[MailNode], *, own: frozenset[str]
    ) -> ThreadAssignments:
        """Return the thread of each new mail, and merge the threads that they prove to be one.

        The caller creates the new threads and moves the mails of `moved`. `own` are the addresses of our mailboxes. A
        mail that already has a thread, and is given again because more is known of it, stays in it or follows its
        merge.
        """
        known = _near(transaction, newcomers, own)
        scene = _Scene(list(newcomers), known)
        _follow_subjects(transaction, scene, own)
        scene.answered = [
            (_as_gathered(child, scene), _as_gathered(now, scene)) for child, now in scene.answered
        ]
        seen = (*scene.known, *scene.gathered)
        threads = {node.thread_id for node in seen if node.thread_id} | scene.regathered
        groups = Groups(mail_evidence.find_apart(transaction, threads) if threads else ())
        for thread_id, anchors in scene.anchors.items():
            for anchor in anchors:
                groups.unite(thread_id, anchor)
        evidence = gather(scene.gathered, known=scene.known, answered=scene.answered, groups=groups)
        assignments = self._assign_all(transaction, scene, groups, evidence, threads)
        assignments.placed_at = instants_within(newcomers, known)
        return assignments

    def _assign_all(
        self,
        transaction: Transaction,
        scene: "_Scene",
        groups: Groups,
        evidence: dict[UUID, Link],
        threads: set[UUID],
    ) -> ThreadAssignments:
        assignments = ThreadAssignments()
        thread_of = self._threads_of(transaction, groups, threads, assignments)
        former = scene.former
        for node in sorted(scene.gathered, key=lambda node: node.order):
            root = groups.find(group_of(node))
            is_new = root not in thread_of
            thread_id = thread_of.setdefault(root, self._new_id() if is_new else root)
            link = evidence.get(node.id)
            assignment = ThreadAssignment(
                thread_id=thread_id,
                rule=link.rule if link and not is_new else "new",
                evidence=link.evidence if link and not is_new else "",
                is_new=is_new,
                related_thread_id=_related(node, scene, thread_of, groups) if is_new else None,
            )
            if node.id not in former:
                assignments.by_message[node.id] = assignment
            elif groups.find(former[node.id]) != root:
                assignments.moved.append((node.id, assignment))
        return assignments

    def _threads_of(
        self, transaction: Transaction, groups: Groups, threads: set[UUID], assignments: ThreadAssignments
    ) -> dict[UUID, UUID]:
        """Return the thread of each group that has one; where several prove to be one, merge them."""
        together: dict[UUID, list[UUID]] = {}
        for thread_id in threads:
            together.setdefault(groups.find(thread_id), []).append(thread_id)
        thread_of = {}
        for root, members in together.items():
            thread_of[root], *lost = (
                members if len(members) == 1 else mail_evidence.earliest_of(transaction, members)
            )
            if lost:
                mail_evidence.merge(transaction, into=thread_of[root], merged=lost)
                assignments.merged += [(one, thread_of[root]) for one in lost]
        return thread_of


@dataclass(slots=True)
class _Scene:
    """The input of one assignment: mails to be grouped, known mails with their threads, and replies by subject."""

    gathered: list[MailNode]
    known: list[MailNode]
    answered: list[tuple[MailNode, MailNode]] = field(default_factory=list)
    # Threads that are grouped again: the mails that stay in them whatever the evidence, and each mail's former
    # thread.
    regathered: set[UUID] = field(default_factory=set)
    anchors: dict[UUID, list[UUID]] = field(default_factory=dict)
    former: dict[UUID, UUID] = field(default_factory=dict)

    def regather(self, thread_id: UUID, nodes: list[MailNode], *, bound: Iterable[UUID]) -> None:
        self.regathered.add(thread_id)
        self.known = [node for node in self.known if node.thread_id != thread_id]
        earliest = min(nodes, key=lambda node: node.order)
        self.anchors[thread_id] = [earliest.id, *bound]
        self.former |= {node.id: thread_id for node in nodes}
        self.gathered += [replace(node, thread_id=None) for node in nodes]


class _Named:
    """The ids and conversations that mails have or name in their headers, counted."""

    def __init__(self, nodes: Iterable[MailNode]) -> None:
        self._ids: Counter[str] = Counter()
        self._conversations: Counter[str] = Counter()
        for node in nodes:
            self._ids.update({*node.mail_ids, *node.references})
            self._conversations.update([node.conversation] if node.conversation else [])

    def knows(self, node: MailNode) -> bool:
        """Return whether another mail has or names an id or a conversation that this one names."""
        if any(self._ids[reference] > 1 for reference in node.references):
            return True
        return node.conversation is not None and self._conversations[node.conversation] > 1


def _near(transaction: Transaction, newcomers: Sequence[MailNode], own: frozenset[str]) -> list[MailNode]:
    rows = mail_evidence.find_near(
        transaction,
        mail_ids=[mail_id for node in newcomers for mail_id in node.mail_ids],
        references=dict.fromkeys(reference for node in newcomers for reference in node.references),
        conversations={node.conversation for node in newcomers if node.conversation},
    )
    return [node_of(row, own) for row in rows]


def _follow_subjects(transaction: Transaction, scene: _Scene, own: frozenset[str]) -> None:
    """Find what replies without references answer: new replies, and known replies that a new mail affects."""
    newcomers = list(scene.gathered)
    affected = _affected(transaction, newcomers, own)
    named = _Named([*newcomers, *scene.known])
    replies = [node for node in newcomers if node.joins_by_subject and not named.knows(node)] + affected
    if not replies:
        return
    earlier = _earlier(transaction, replies, own)
    new_ids = {node.id for node in newcomers}
    for child in replies:
        before = latest_answered(child, earlier)
        now = latest_answered(child, [*earlier, *newcomers])
        if now is None or (child.id not in new_ids and now.id not in new_ids):
            continue
        scene.answered.append((child, now))
        for node in (child, now):
            if node.thread_id:
                scene.known.append(node)
        if before is not None and child.thread_id and child.thread_id not in scene.regathered:
            _regather(transaction, scene, child.thread_id, newcomers, own)


def _regather(
    transaction: Transaction, scene: _Scene, thread_id: UUID, newcomers: list[MailNode], own: frozenset[str]
) -> None:
    rows = mail_evidence.list_in_threads(transaction, [thread_id])
    if len(rows) > _MOST_REGATHERED:
        return
    nodes = [node_of(row, own) for row in rows]
    # What a person moved there stays there, and so does what joined by evidence that is not looked for again.
    bound = [row.id for row in rows if row.join_rule in ("agent", "split", REPLACED_ID)]
    scene.regather(thread_id, nodes, bound=bound)
    replies = [node for node in nodes if node.joins_by_subject and not node.names_others]
    earlier = _earlier(transaction, replies, own)
    scene.answered = [pair for pair in scene.answered if pair[0].thread_id != thread_id]
    for child in replies:
        parent = latest_answered(child, [*earlier, *newcomers])
        if parent:
            scene.answered.append((child, parent))


def _as_gathered(node: MailNode, scene: _Scene) -> MailNode:
    return replace(node, thread_id=None) if node.thread_id in scene.regathered else node


def _affected(transaction: Transaction, newcomers: list[MailNode], own: frozenset[str]) -> list[MailNode]:
    queries = [_query(node, node.people) for node in newcomers if node.base_subject and node.is_human]
    rows = mail_evidence.find_answering(transaction, queries, days=SUBJECT_DAYS)
    nodes = (node_of(row, own) for row in rows)
    return [node for node in nodes if node.joins_by_subject and not node.names_others]


def _earlier(transaction: Transaction, replies: list[MailNode], own: frozenset[str]) -> list[MailNode]:
    queries = [
        _query(node, (node.outsiders or node.people) if node.is_ours else {node.sender}) for node in replies
    ]
    return [node_of(row, own) for row in mail_evidence.find_answered(transaction, queries, days=SUBJECT_DAYS)]


def _query(node: MailNode, people: Iterable[str]) -> SubjectQuery:
    return SubjectQuery(node.id, node.base_subject or "", node.at, sorted(people))


def _related(node: MailNode, scene: _Scene, thread_of: dict[UUID, UUID], groups: Groups) -> UUID | None:
    """Return the thread of the latest mail that a mail refers to without joining it, or None."""
    by_id = {mail_id: other for other in scene.known if other.thread_id for mail_id in other.mail_ids}
    for reference in reversed(node.references):
        if reference in by_id:
            return thread_of.get(groups.find(group_of(by_id[reference])))
    return None
