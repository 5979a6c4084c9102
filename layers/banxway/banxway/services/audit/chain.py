"""Going along an audit trail, entry by entry, up to the first that is not what was written."""

from collections.abc import Mapping

from banxway.storage.audit.chain import NO_HASH, Entry, entry_hash


class ChainBroken(Exception):
    """Raised at the first entry that is not what was written; `reason` says in which way."""

    def __init__(self, sequence: int, reason: str) -> None:
        super().__init__(reason)
        self.sequence = sequence
        self.reason = reason


class Chain:
    """The trail as far as it was walked: `through` is the last good entry, `hash` the one it must have.

    Hashes are recomputed from what the entries say. What else attests to an entry (an anchor, an archive) is
    given to `attest` before the walk comes to it.
    """

    def __init__(self, *, through: int = 0, last_hash: str = NO_HASH) -> None:
        self.through = through
        self.hash = last_hash
        self._attested: dict[int, str] = {}
        # The walk's start is as good as an entry that somebody attests to.
        self._proven_through = through

    def attest(self, hashes: Mapping[int, str]) -> None:
        """Demand these hashes of these entries, and that the trail reaches as far as the last of them."""
        self._attested |= hashes

    def take(self, link: Entry) -> None:
        """Go on to an entry. Raises ChainBroken."""
        sequence = self.through + 1
        if link.sequence != sequence:
            is_gap = link.sequence > sequence
            raise ChainBroken(
                min(sequence, link.sequence),
                f"Entry {sequence} is missing" if is_gap else f"There are two entries {link.sequence}",
            )
        if entry_hash(link, previous_hash=link.previous_hash) != link.hash:
            raise ChainBroken(sequence, f"Entry {sequence} was altered: what it says does not give its hash")
        if link.previous_hash != self.hash:
            raise self._broken_link(sequence)
        if sequence in self._attested:
            if self._attested.pop(sequence) != link.hash:
                raise ChainBroken(
                    sequence, f"Entry {sequence} is not the one whose hash is kept outside the database"
                )
            self._proven_through = sequence
        self.through, self.hash = sequence, link.hash

    def _broken_link(self, sequence: int) -> ChainBroken:
        if self._proven_through == self.through:
            return ChainBroken(
                sequence, f"Entry {sequence} was altered: it does not follow entry {self.through}"
            )
        # An entry whose content gives its hash vouches for the one before it, as that was at the time.
        return ChainBroken(
            self.through,
            f"Entry {self.through} was rewritten: entry {sequence} was written after another one",
        )

    def require_end(self, *, sequence: int, last_hash: str) -> None:
        """Demand that the trail ends here, as its head says. Raises ChainBroken."""
        wanted = max([sequence, *self._attested])
        if self.through < wanted:
            raise ChainBroken(
                self.through + 1, f"The trail ends at entry {self.through}, but entry {wanted} was written"
            )
        if self.through > sequence:
            raise ChainBroken(sequence + 1, f"The trail goes on beyond its head, which is entry {sequence}")
        if self.hash != last_hash:
            raise ChainBroken(self.through, f"Entry {self.through} is not the one that the head names")
