"""An outage of the database while Exotel reports: every callback is answered 200, and applied afterwards.

`make soak` posts 20,000 of them.
"""

import random

from tests.support.running.company import Company
from tests.support.running.outages import (
    Burst,
    assert_all_are_taken_and_applied_afterwards,
    hanging,
    refusing,
)

BURST = Burst(callbacks=300, incoming=60, messages=60, customers=20)


def test_a_burst_of_callbacks_while_the_database_refuses_or_hangs_is_taken_and_applied_afterwards(
    company: Company,
):
    assert_all_are_taken_and_applied_afterwards(company, [refusing, hanging], BURST, chance=random.Random(20))
