"""Customers: who they are, how they are reached, and which of them are one person."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from banxway.e164 import to_e164
from banxway.models.fields import Label, RequestBody, must_be_email
from banxway.models.pages import PageQuery
from banxway.models.threads import CustomerAddress

AddressKind = Literal["email", "phone"]


class CustomerQuery(PageQuery):
    """Which customers: all, or those whose name, email address or phone number contains `search`."""

    search: str | None = Field(default=None, min_length=1, max_length=100)


class CustomerSummary(BaseModel):
    """One row of the list of customers, with the first of their addresses, at most twenty.

    `is_cut` says that the name is long and shortened here, or that there are more addresses; the customer itself has
    more of them.
    """

    id: UUID
    name: str
    addresses: list[CustomerAddress]
    thread_count: int
    last_message_at: datetime | None
    created_at: datetime
    is_cut: bool


class LinkedAddress(BaseModel):
    """An address of a customer and how it was learned.

    `linked_by` is `inbound` (they wrote from it) or `agent` (a member said so). With `via` they only claimed it, as
    Reply-To in mails of that sender, which writes for others.
    """

    id: UUID
    kind: str
    address: str
    via: str
    linked_by: str
    created_at: datetime


class MergedCustomer(BaseModel):
    """A customer that was merged into another one and can be un-merged; `merged_by` is the member who did it."""

    id: UUID
    name: str
    merged_by: UUID
    merged_at: datetime


class CustomerDetails(BaseModel):
    """One customer with their addresses, in the order in which they were learned.

    `merged_customers` are those that can be un-merged from this one, the latest first. `is_cut` says that a name is
    long and shortened here, or that there are more addresses or merged customers than one answer takes.
    """

    id: UUID
    name: str
    addresses: list[LinkedAddress]
    thread_count: int
    merged_customers: list[MergedCustomer]
    created_at: datetime
    is_cut: bool


class CustomerChange(RequestBody):
    """What a member changes of a customer."""

    name: Annotated[Label, Field(min_length=1, max_length=200)]


class NewCustomerAddress(RequestBody):
    """An address that is a customer's, since a member says so: `kind` says what `address` is."""

    kind: AddressKind
    address: Annotated[str, Field(max_length=254)]

    @field_validator("address")
    @classmethod
    def _is_written_in_one_form(cls, address: str, values: ValidationInfo) -> str:
        kind = values.data.get("kind")
        if kind == "email":
            return must_be_email(address)
        number = to_e164(address)
        if kind == "phone" and number is None:
            raise ValueError("must be a phone number, such as +919876543210")
        return number or address


class CustomerMerge(RequestBody):
    """The other customer: the one that is merged into the customer of the path, or un-merged from it."""

    customer_id: UUID
