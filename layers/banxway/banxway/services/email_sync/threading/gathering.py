"""Groups mails into threads: mails that evidence connects, directly or through others, are one thread."""

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
    """Disjoint groups of mails and threads (union-find), each named by an id. Pairs in `apart` are never united."""

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
        """Return whether two members are in one group."""
        return self.find(one) == self.find(other)

    def unite(self, one: UUID, other: UUID) -> bool:
        """Make one group of two; return False if they are one already, or if a person split them apart."""
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
    """Finds the mails that share an id, a reference or a conversation with a given mail."""

    def __init__(self, nodes: Iterable[MailNode]) -> None:
        self._by_id: dict[str, list[MailNode]] = defaultdict(list)
        self._by_reference: dict[str, dict[Hashable, MailNode]] = defaultdict(dict)
        self._by_conversation: dict[str, dict[Hashable, MailNode]] = defaultdict(dict)
        self._referring: dict[str, list[MailNode]] = defaultdict(list)
        for node in nodes:
            # In a long conversation most mails are from and to the same people: one of them represents all.
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
        """Yield mails that refer to an id that this mail refers to, too."""
        for reference in reversed(node.references):
            yield from self._by_reference.get(reference, {}).values()

    def conversing(self, node: MailNode) -> Iterator[MailNode]:
        """Yield mails of the same Outlook conversation."""
        if node.conversation:
            yield from self._by_conversation.get(node.conversation, {}).values()


def gather(
    newcomers: Sequence[MailNode],
    *,
    known: Iterable[MailNode],
    answered: Iterable[tuple[MailNode, MailNode]],
    groups: Groups,
) -> dict[UUID, Link]:
    """Unite the mails that belong together, strongest evidence first; return the evidence of each mail that has some.

    `known` are mails with a thread; `answered` are pairs of a reply that joins by its subject and the mail it
    answers.
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
        """Unite mails that refer to each other, the strongest reference first."""
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
        """Unite mails with their kin, unless they are in one group already."""
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
    """Return the mail that a reply without references answers by its subject, the latest it may answer, or None."""
    eligible = [node for node in candidates if node.id != child.id and may_follow(child, node)]
    return max(eligible, key=lambda node: node.order, default=None)


def group_of(node: MailNode) -> UUID:
    """Return the id that a mail is grouped under: its thread's, or its own while it has no thread."""
    return node.thread_id or node.id
