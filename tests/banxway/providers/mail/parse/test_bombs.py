"""Threat 31: input that is small but expands in depth, number, pixels or bytes costs the parser almost nothing."""

from collections.abc import Callable

import pytest

from banxway.providers.mail.parse.parser import read
from tests.support.timing.work import peak_of, work_of
from tests.support.torture.bombs import BOMBS, UNPACKED_BYTES
from tests.support.torture.case import PLANT


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_no_bomb_takes_more_than_two_seconds_or_256_megabytes(bomb: Callable[[], bytes]) -> None:
    """Measured as counted work and as memory besides the mail itself; `make soak` measures time and memory."""
    raw = bomb()

    work, peak = work_of(lambda: read(raw)), peak_of(lambda: read(raw))
    mail = read(raw)

    assert work.steps < 1_500_000
    assert work.handed < 10_000_000
    assert peak < 3 * len(raw) + UNPACKED_BYTES // 3
    assert mail.subject == "torture"
    assert PLANT in mail.text or mail.problems
