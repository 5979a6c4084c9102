"""Field types that several request bodies share, each with its rule as a sentence."""

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
from banxway.models.values.mail_addresses import is_email, is_plain_email
from banxway.models.values.names import is_one_line, is_visible

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class FieldProblem(ValueError):
    """Raised by a rule about several fields; `field` is the one that the caller must correct."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(rule)
        self.field = field


@dataclass(frozen=True, slots=True)
class Shape:
    """A text that matches `pattern`; `rule` says the same to people, and `pattern` is shown in openapi.json."""

    pattern: str
    rule: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Add the check of the pattern after all other checks."""
        return core_schema.no_info_after_validator_function(self._fitting, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the pattern to the JSON schema."""
        return {**handler(schema), "pattern": f"^{self.pattern}$"}

    def _fitting(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self.rule)
        return text


class RequestBody(BaseModel):
    """Base of all request bodies: an unknown field is refused by name, and space around texts is removed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class OmitsNone(BaseModel):
    """Base of answers that leave out fields that are None, as the guide's examples do, instead of writing null."""

    @model_serializer(mode="wrap")
    def _leave_out_none(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if value is not None}


def _must_be_e164(number: str) -> str:
    if not is_e164(number):
        raise ValueError("must be a phone number in E.164 format, such as +919876543210")
    return number


def must_be_email(address: str) -> str:
    """Return an email address in lower case, the form in which it is compared. Raises ValueError for no address."""
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
    """Refuse what a spreadsheet would run as a formula (OWASP, CSV injection), since names are exported."""
    if name.startswith(("=", "+", "-", "@")):
        raise ValueError("must not begin with =, +, - or @")
    return name


def _must_be_instant(given: Any) -> Any:
    """Return a date and time in UTC, from year 2 to 9998, so that it can be converted to any time zone."""
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
"""An address that is saved for many mails, so every mail server must be able to use it."""
Instant = Annotated[datetime, BeforeValidator(_must_be_instant)]
ClockTime = Annotated[
    str,
    Shape(
        r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", "must be a time from 00:00 to 23:59, such as 09:00"
    ),
]
"""A local time of day, kept as it was written."""
OneLine = Annotated[str, AfterValidator(_must_be_one_line)]
Name = Annotated[OneLine, AfterValidator(_must_be_visible)]
HostName = Annotated[str, Field(min_length=1, max_length=253), Shape(r"[A-Za-z0-9.:_-]+", _HOST_RULE)]
HeaderName = Annotated[
    str,
    Shape(r"[!-9;-~]{1,100}", "must be the name of a header: 1 to 100 letters, digits or signs, no colon"),
]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
Label = Annotated[Name, AfterValidator(_must_not_be_a_formula)]
