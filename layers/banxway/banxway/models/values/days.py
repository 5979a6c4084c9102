"""A calendar day in a request body, such as "2027-01-31"."""

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


def _must_be_day(value: object) -> date | None:
    if value is None:
        return None
    try:
        if isinstance(value, str) and _DAY.fullmatch(value.strip()):
            return date.fromisoformat(value.strip())
    except ValueError:
        pass
    raise ValueError("must be a day of this century such as 2027-01-31")


Day = Annotated[date | None, BeforeValidator(_must_be_day)]
"""A day from 2000 to 2099, or null."""
