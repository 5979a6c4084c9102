"""20,000 callbacks while the database hangs: each is answered 200, and applied afterwards.

The burst comes while the database hangs, which costs the workers time and no processor: they would otherwise
compete with the receivers for the machine. That it may as well refuse is shown with fewer callbacks.
"""

import pytest

from tests.support.gates.chance import dice
from tests.support.gates.figures import Figures
from tests.support.running.company import Company
from tests.support.running.outages import (
    Burst,
    Outage,
    assert_all_are_taken_and_applied_afterwards,
    hanging,
    refusing,
)

pytestmark = pytest.mark.timeout(3600)


@pytest.mark.parametrize(
    ("outage", "burst"),
    [
        (refusing, Burst(callbacks=1_000, incoming=200, messages=300, customers=200)),
        (hanging, Burst(callbacks=20_000, incoming=2_000, messages=300, customers=200)),
    ],
    ids=["refusing", "hanging"],
)
def test_a_burst_of_callbacks_during_a_database_outage_is_taken_and_applied_afterwards(
    company: Company, figures: Figures, outage: Outage, burst: Burst
):
    counted = assert_all_are_taken_and_applied_afterwards(company, [outage], burst, chance=dice(20))
    figures.show(**counted)
