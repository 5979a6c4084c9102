"""The ledger's epoch: a number that is raised here and outside the database (migration 009)."""

from banxway.storage.database import Transaction


def read(transaction: Transaction) -> int:
    """Return the database's epoch."""
    row = transaction.single("SELECT epoch FROM ledger_epoch")
    return int(row["epoch"])


def rise(transaction: Transaction, *, expected: int) -> bool:
    """Raise the epoch by one from `expected`; False if another transaction has raised it."""
    return bool(
        transaction.execute(
            "UPDATE ledger_epoch SET epoch = epoch + 1, risen_at = now() WHERE epoch = %s", (expected,)
        )
    )
