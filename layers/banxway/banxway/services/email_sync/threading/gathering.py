"""Gathers mails into threads: whatever evidence connects, directly or over others, is one thread."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from uuid import UUID

from banxway.services.email_sync.threading.links import (
    Link,
    conversation_link,
    may_follow,
    reference_link,
    sibling_link,
    subject_link,
)
from banxway.services.email_sync.threading.nodes import MailNode


class Groups:
    """Disjoint groups of mails and threads, each named by an id; some may never be united."""

    def __init__(self, apart: Iterable[tuple[UUID, UUID]] = ()) -> None:
        self._parent: dict[UUID, UUID] = {}
        self._apart: dict[UUID, set[UUID]] = defaultdict(set)
        for one, other in apart:
            self._apart[one].add(other)
            self._apart[other].add(one)

    def find(self, member: UUID) -> UUID:
        """Return the name of the group that a member is in."""
        root = member
        while (above := self._parent.get(root, root)) != root:
            root = above
        while (above := self._parent.get(member, member)) != root:
            self._parent[member] = root
            member = above
        return root

    def are_one(self, one: UUID, other: UUID) -> bool:
        """Say whether two members are in one group."""
        return self.find(one) == self.find(other)

    def unite(self, one: UUID, other: UUID) -> bool:
        """Make one group of two; False if they are one already, or a person took them apart."""
        one, other = self.find(one), self.find(other)
        if one == other or other in self._apart[one]:
            return False
        self._parent[other] = one
        for third in self._apart.pop(other, set()):
            self._apart[third].discard(other)
            self._apart[third].add(one)
            self._apart[one].add(third)
        return True


class Index:
    """Mails by what others could refer to them by."""

    def __init__(self, nodes: Iterable[MailNode]) -> None:
        self._by_id: dict[str, list[MailNode]] = defaultdict(list)
        self._by_reference: dict[str, dict[Hashable, MailNode]] = defaultdict(dict)
        self._by_conversation: dict[str, dict[Hashable, MailNode]] = defaultdict(dict)
        self._referring: dict[str, list[MailNode]] = defaultdict(list)
        for node in nodes:
            # In a long conversation most mails are from and to the same people: one of them speaks for all.
            alike = (
                *(group_of(node), node.is_ours, node.sender, node.people, node.is_forged, node.is_bounce),
                node.written_for,
            )
            for mail_id in node.mail_ids:
                self._by_id[mail_id].append(node)
            for reference in node.references:
                self._by_reference[reference].setdefault(alike, node)
                self._referring[reference].append(node)
            if node.conversation:
                self._by_conversation[node.conversation].setdefault(alike, node)

    def referring(self, node: MailNode) -> Iterator[MailNode]:
        """Yield the mails that a mail refers to, and those that refer to it."""
        for reference in reversed(node.references):
            yield from self._by_id.get(reference, ())
        for mail_id in node.mail_ids:
            yield from self._referring.get(mail_id, ())

    def siblings(self, node: MailNode) -> Iterator[MailNode]:
        """Yield mails that refer to an id that a mail refers to."""
        for reference in reversed(node.references):
            yield from self._by_reference.get(reference, {}).values()

    def conversing(self, node: MailNode) -> Iterator[MailNode]:
        """Yield mails of the same conversation of Outlook's."""
        if node.conversation:
            yield from self._by_conversation.get(node.conversation, {}).values()


def gather(
    newcomers: Sequence[MailNode],
    *,
    known: Iterable[MailNode],
    answered: Iterable[tuple[MailNode, MailNode]],
    groups: Groups,
) -> dict[UUID, Link]:
    """Unite what belongs together, the strongest evidence first; returns the evidence of each mail that has some.

    `known` are mails with a thread; `answered` are replies that follow by their subject, with what they answer.
    """
    gathering = _Gathering(groups)
    in_order = sorted(newcomers, key=lambda node: node.order)
    index = Index([*in_order, *known])
    gathering.by_references(in_order, index)
    gathering.by_kinship(in_order, index.siblings, sibling_link)
    gathering.by_kinship(in_order, index.conversing, conversation_link)
    for child, parent in answered:
        gathering.accept(subject_link(child), child, parent)
    return gathering.evidence


class _Gathering:
    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self.evidence: dict[UUID, Link] = {}

    def by_references(self, nodes: Sequence[MailNode], index: Index) -> None:
        """Unite mails that refer to each other, the strongest references of all first."""
        found = [
            (link, node.key, other.key, node, other)
            for node in nodes
            for other in index.referring(node)
            if other.id != node.id and (link := reference_link(node, other))
        ]
        for link, _, _, node, other in sorted(found, key=lambda one: one[:3]):
            self.accept(link, node, other)

    def by_kinship(
        self,
        nodes: Sequence[MailNode],
        kin_of: Callable[[MailNode], Iterator[MailNode]],
        link_of: Callable[[MailNode, MailNode], Link | None],
    ) -> None:
        """Unite mails with their kin, where they are not one yet."""
        for node in nodes:
            for other in kin_of(node):
                if not self._groups.are_one(group_of(node), group_of(other)):
                    self.accept(link_of(node, other), node, other)

    def accept(self, link: Link | None, one: MailNode, other: MailNode) -> None:
        if link is None:
            return
        self._groups.unite(group_of(other), group_of(one))
        if self._groups.are_one(group_of(one), group_of(other)):
            self.evidence.setdefault(one.id, link)
            self.evidence.setdefault(other.id, link)


def latest_answered(child: MailNode, candidates: Iterable[MailNode]) -> MailNode | None:
    """Return the mail that a reply without references answers by its subject: the latest it may answer."""
    eligible = [node for node in candidates if node.id != child.id and may_follow(child, node)]
    return max(eligible, key=lambda node: node.order, default=None)


def group_of(node: MailNode) -> UUID:
    """Return what a mail is gathered under: its thread, or itself while it has none."""
    return node.thread_id or node.id
