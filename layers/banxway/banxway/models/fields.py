"""Field types that several request bodies share, each with its rule in a sentence."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
)
from pydantic_core import CoreSchema, core_schema

from banxway.e164 import is_e164
from banxway.models.mail_addresses import is_email, is_plain_email
from banxway.models.names import is_one_line, is_visible

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class FieldProblem(ValueError):
    """Raised by a rule about several fields: it names the one that is to be corrected."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(rule)
        self.field = field


@dataclass(frozen=True, slots=True)
class Shape:
    """A text of one shape: `rule` says which to people, `pattern` to programs that read openapi.json."""

    pattern: str
    rule: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the shape after everything else."""
        return core_schema.no_info_after_validator_function(self._fitting, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Show the pattern."""
        return {**handler(schema), "pattern": f"^{self.pattern}$"}

    def _fitting(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self.rule)
        return text


class RequestBody(BaseModel):
    """Base of all request bodies: unknown fields are refused by name, stray space around texts is dropped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Sparse(BaseModel):
    """Base of answers in which the guide leaves out what does not apply, instead of writing null."""

    @model_serializer(mode="wrap")
    def _leave_out_none(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if value is not None}


def _must_be_e164(number: str) -> str:
    if not is_e164(number):
        raise ValueError("must be a phone number in E.164 format, such as +919876543210")
    return number


def must_be_email(address: str) -> str:
    """Return an email address as it is compared, in lower case. Raises ValueError if it is not an address."""
    if not is_email(address):
        raise ValueError("must be an email address, such as support@yourdomain.com")
    return address.lower()


def _must_be_plain_email(address: str) -> str:
    if not is_plain_email(address):
        raise ValueError("must have only the letters a to z before its @: not every mail server takes others")
    return address


def _must_be_one_line(text: str) -> str:
    if not is_one_line(text):
        raise ValueError("must not contain line breaks or control characters")
    return text


def _must_be_visible(name: str) -> str:
    if not is_visible(name):
        raise ValueError(
            "must not contain invisible characters, or characters that change the direction of text"
        )
    return name


def _must_not_be_a_formula(name: str) -> str:
    """Spreadsheets run a cell that begins like this (OWASP, CSV injection), and names end in exports."""
    if name.startswith(("=", "+", "-", "@")):
        raise ValueError("must not begin with =, +, - or @")
    return name


def _must_be_instant(given: Any) -> Any:
    """Return a date and time in UTC. It leaves a year at both ends of what Python holds, for clocks of any zone."""
    if not isinstance(given, str):
        return given
    if not _INSTANT.fullmatch(given):
        raise ValueError("must be a date and time with its offset, such as 2026-01-15T09:30:00Z")
    try:
        instant = datetime.fromisoformat(given.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(_EXISTING) from error
    if not 1 < instant.year < 9999:
        raise ValueError(_EXISTING)
    return instant


_EXISTING = "must be a date that exists, from the year 2 to the year 9998 in UTC"
_HOST_RULE = "must be the name of a mail server, such as smtp.yourdomain.com"
E164 = Annotated[str, AfterValidator(_must_be_e164)]
Email = Annotated[str, AfterValidator(must_be_email)]
PlainEmail = Annotated[Email, AfterValidator(_must_be_plain_email)]
"""An address that is saved for many mails: every mail server must be able to write it."""
Instant = Annotated[datetime, BeforeValidator(_must_be_instant)]
ClockTime = Annotated[
    str,
    Shape(
        r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", "must be a time from 00:00 to 23:59, such as 09:00"
    ),
]
"""A time by the clock on the wall, kept as it is written."""
OneLine = Annotated[str, AfterValidator(_must_be_one_line)]
Name = Annotated[OneLine, AfterValidator(_must_be_visible)]
HostName = Annotated[str, Field(min_length=1, max_length=253), Shape(r"[A-Za-z0-9.:_-]+", _HOST_RULE)]
HeaderName = Annotated[
    str,
    Shape(r"[!-9;-~]{1,100}", "must be the name of a header: 1 to 100 letters, digits or signs, no colon"),
]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
Label = Annotated[Name, AfterValidator(_must_not_be_a_formula)]
