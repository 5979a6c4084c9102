"""Channels that are hidden from a user (migration 028): no statement in their scope finds a message of these."""

from collections.abc import Iterator
from contextlib import contextmanager

from banxway.storage.database import Transaction


@contextmanager
def whole_conversations(transaction: Transaction) -> Iterator[None]:
    """Make all channels visible within the block, for work that moves messages and shows none.

    A thread must be moved as a whole: no hidden message may stay behind.
    """
    row = transaction.single("SELECT current_setting('app.hidden_channels', true) AS hidden")
    _hide(transaction, "")
    yield
    _hide(transaction, row["hidden"] or "")


def _hide(transaction: Transaction, channels: str) -> None:
    transaction.execute("SELECT set_config('app.hidden_channels', %s, true)", (channels,))
