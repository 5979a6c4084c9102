"""What a user must not view (migration 029): no statement of theirs finds a hidden channel's messages."""

from collections.abc import Iterator
from contextlib import contextmanager

from banxway.storage.database import Transaction


@contextmanager
def whole_conversations(transaction: Transaction) -> Iterator[None]:
    """Find all channels for a while, for work that moves messages and shows none; a part of them must not stay."""
    row = transaction.single("SELECT current_setting('app.hidden_channels', true) AS hidden")
    _hide(transaction, "")
    yield
    _hide(transaction, row["hidden"] or "")


def _hide(transaction: Transaction, channels: str) -> None:
    transaction.execute("SELECT set_config('app.hidden_channels', %s, true)", (channels,))
