"""Field types that several request bodies share, each with its rule in a sentence."""

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from banxway.e164 import is_e164

_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)+")


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


def is_email(address: str) -> bool:
    """Return whether a text is an email address that a message may be addressed to."""
    return len(address) <= 254 and _EMAIL.fullmatch(address) is not None


def must_be_email(address: str) -> str:
    """Return an email address as it is compared, in lower case. Raises ValueError if it is not an address."""
    if not is_email(address):
        raise ValueError("must be an email address, such as support@yourdomain.com")
    return address.lower()


def _must_be_one_line(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("must not contain line breaks or control characters")
    return text


def _must_not_be_a_formula(name: str) -> str:
    """Spreadsheets run a cell that begins like this (OWASP, CSV injection), and names end in exports."""
    if name[:1] in "=+-@":
        raise ValueError("must not begin with =, +, - or @")
    return name


E164 = Annotated[str, AfterValidator(_must_be_e164)]
Email = Annotated[str, AfterValidator(must_be_email)]
OneLine = Annotated[str, AfterValidator(_must_be_one_line)]
HostName = Annotated[OneLine, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:_-]+$")]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
Label = Annotated[OneLine, AfterValidator(_must_not_be_a_formula)]
