"""The epoch: a restored database sends nothing until a person has looked."""

from collections.abc import Callable

import pytest

from banxway.clock import SYSTEM_CLOCK
from banxway.errors import Unavailable
from banxway.services.messages.ledger_epoch import LedgerEpoch
from tests.support.product.builders import Product
from tests.support.timing.clocks import SetClock

Twin = Callable[..., Product]


def _inside(product: Product) -> int:
    return int(product.database.rows("SELECT epoch FROM ledger_epoch")[0]["epoch"])


def _outside(product: Product) -> int:
    return int(product.app.infrastructure.blobs.read("ledger-epoch") or b"0")


def _fresh(product: Product) -> LedgerEpoch:
    """An epoch that has checked nothing yet, as in a new process."""
    return LedgerEpoch(
        product.app.infrastructure.database, product.app.infrastructure.blobs, clock=SYSTEM_CLOCK
    )


def test_a_new_deployment_may_send(product: Product) -> None:
    product.app.messages.ledger_epoch.require_current()


def test_every_sweep_raises_both_copies(product: Product) -> None:
    for _ in range(3):
        product.app.maintenance.sweep.sweep()

    assert (_inside(product), _outside(product)) == (3, 3)
    _fresh(product).require_current()


def test_a_restored_database_is_behind_and_stays_so(product: Product) -> None:
    for _ in range(5):
        product.app.messages.ledger_epoch.rise()
    product.database.rows("UPDATE ledger_epoch SET epoch = 2")

    for _ in range(10):
        product.app.maintenance.sweep.sweep()
        with pytest.raises(Unavailable, match="epoch 2, last seen 5"):
            _fresh(product).require_current()

    assert (_inside(product), _outside(product)) == (2, 5)


def test_a_person_who_confirms_lets_it_send_again(product: Product) -> None:
    product.app.infrastructure.blobs.write("ledger-epoch", b"500")

    assert product.app.messages.ledger_epoch.adopt() == {"ledger_epoch": 500}

    _fresh(product).require_current()
    product.app.messages.ledger_epoch.rise()
    assert (_inside(product), _outside(product)) == (501, 501)


def test_confirming_without_need_changes_nothing(product: Product) -> None:
    product.app.messages.ledger_epoch.rise()

    assert product.app.messages.ledger_epoch.adopt() == {"ledger_epoch": 1}
    assert (_inside(product), _outside(product)) == (1, 1)


def test_a_crash_between_the_two_copies_does_not_stop_sending(product: Product) -> None:
    """The database rises first: what is left behind is the harmless order."""
    product.app.messages.ledger_epoch.rise()
    product.database.rows("UPDATE ledger_epoch SET epoch = epoch + 1")

    _fresh(product).require_current()
    product.app.messages.ledger_epoch.rise()

    assert (_inside(product), _outside(product)) == (3, 3)


def test_two_sweeps_at_once_never_leave_the_outside_ahead(product: Product, twin: Twin) -> None:
    other = twin()
    product.app.messages.ledger_epoch._read = lambda: _both_read(product, other)  # type: ignore[method-assign]  # the race

    product.app.messages.ledger_epoch.rise()

    assert _inside(product) >= _outside(product)
    _fresh(other).require_current()


def _both_read(product: Product, other: Product) -> tuple[int, int]:
    """Let the other sweep happen between this one's look and its write."""
    both = LedgerEpoch._read(product.app.messages.ledger_epoch)
    other.app.messages.ledger_epoch.rise()
    return both


@pytest.mark.parametrize("rises", ["before it is read", "after it was read"])
def test_a_sweep_between_the_two_looks_of_a_check_stops_no_send(
    product: Product, twin: Twin, monkeypatch: pytest.MonkeyPatch, rises: str
) -> None:
    other = twin()
    product.app.messages.ledger_epoch.rise()
    read = product.app.infrastructure.blobs.read

    def read_beside_a_sweep(name: str) -> bytes | None:
        if rises == "before it is read":
            other.app.messages.ledger_epoch.rise()
        found = read(name)
        if rises == "after it was read":
            other.app.messages.ledger_epoch.rise()
        return found

    monkeypatch.setattr(product.app.infrastructure.blobs, "read", read_beside_a_sweep)

    _fresh(product).require_current()

    assert (_inside(other), _outside(other)) == (2, 2)


def test_a_check_is_trusted_for_seconds_only(product: Product) -> None:
    clock = SetClock()
    epoch = LedgerEpoch(product.app.infrastructure.database, product.app.infrastructure.blobs, clock=clock)
    epoch.require_current()
    product.app.infrastructure.blobs.write("ledger-epoch", b"9")
    clock.advance(seconds=14.9)
    epoch.require_current()

    clock.advance(seconds=0.2)
    with pytest.raises(Unavailable):
        epoch.require_current()


def test_an_outside_copy_that_cannot_be_read_stops_sending(product: Product) -> None:
    (product.folder / "blobs").write_text("not a folder")

    with pytest.raises(Unavailable):
        _fresh(product).require_current()
