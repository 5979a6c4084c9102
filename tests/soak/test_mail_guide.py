"""The guide's mail tests over a way of 75 ms in each direction, which breaks every line and cuts connections off."""

import pytest

from tests.journeys.test_mail_guide import certificate, servers  # noqa: F401  # fixtures, under the same names
from tests.journeys.test_mail_guide import (
    test_the_guides_tests_5_6_and_7_against_real_mail_servers as _against_real_mail_servers,
)

test_the_guides_tests_5_6_and_7_over_a_long_way = pytest.mark.parametrize(
    "servers", ["long, broken and cut"], indirect=True
)(_against_real_mail_servers)
