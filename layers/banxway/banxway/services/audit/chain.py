"""Verifies an audit trail entry by entry, up to the first that was changed."""

from collections.abc import Mapping

from banxway.storage.audit.chain import NO_HASH, Entry, entry_hash


class ChainBroken(Exception):
    """Raised at the first entry that was changed or is missing; `reason` says how."""

    def __init__(self, sequence: int, reason: str) -> None:
        super().__init__(reason)
        self.sequence = sequence
        self.reason = reason


class Chain:
    """The verified part of a trail: `through` is the number of its last good entry, `hash` that entry's hash.

    `proven_through` is the last entry that something outside of the database attests.

    Hashes are recomputed from the entries' content. Hashes from elsewhere (an anchor, an archive) are given to
    `attest` before their entries are taken.
    """

    def __init__(
        self, *, through: int = 0, last_hash: str = NO_HASH, proven_through: int | None = None
    ) -> None:
        self.through = through
        self.hash = last_hash
        self._attested: dict[int, str] = {}
        # Unless it continues another chain, the start counts as an entry that is attested.
        self.proven_through = through if proven_through is None else proven_through

    def attest(self, hashes: Mapping[int, str]) -> None:
        """Require that these entries, by number, have these hashes, and that the trail reaches the last of them.

        Entries that were taken before are left out.
        """
        self._attested |= {
            sequence: one_hash for sequence, one_hash in hashes.items() if sequence > self.through
        }

    def take(self, link: Entry) -> None:
        """Verify the next entry. Raises ChainBroken."""
        sequence = self.through + 1
        if link.sequence != sequence:
            is_gap = link.sequence > sequence
            raise ChainBroken(
                min(sequence, link.sequence),
                f"Entry {sequence} is missing" if is_gap else f"There are two entries {link.sequence}",
            )
        if entry_hash(link, previous_hash=link.previous_hash) != link.hash:
            raise ChainBroken(sequence, f"Entry {sequence} was altered: its content does not give its hash")
        if link.previous_hash != self.hash:
            raise self._broken_link(sequence)
        if sequence in self._attested:
            if self._attested.pop(sequence) != link.hash:
                raise ChainBroken(
                    sequence, f"Entry {sequence} is not the one whose hash is kept outside the database"
                )
            self.proven_through = sequence
        self.through, self.hash = sequence, link.hash

    def _broken_link(self, sequence: int) -> ChainBroken:
        if self.proven_through == self.through:
            return ChainBroken(
                sequence, f"Entry {sequence} was altered: it does not follow entry {self.through}"
            )
        # An entry whose content gives its hash proves the hash that the one before it had at the time.
        return ChainBroken(
            self.through,
            f"Entry {self.through} was rewritten: entry {sequence} was written after another one",
        )

    def require_end(self, *, sequence: int, last_hash: str) -> None:
        """Require that the trail ends here, as its head says. Raises ChainBroken."""
        wanted = max([sequence, *self._attested])
        if self.through < wanted:
            raise ChainBroken(
                self.through + 1, f"The trail ends at entry {self.through}, but entry {wanted} was written"
            )
        if self.through > sequence:
            raise ChainBroken(sequence + 1, f"The trail goes on beyond its head, which is entry {sequence}")
        if self.hash != last_hash:
            raise ChainBroken(self.through, f"Entry {self.through} is not the one that the head names")
