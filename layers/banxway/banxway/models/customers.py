"""Customers: who they are, how they are reached, and which of them are one person."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from banxway.e164 import to_e164
from banxway.models.changes import ChangeBody
from banxway.models.fields import Label, RequestBody, must_be_email
from banxway.models.pages import PageQuery
from banxway.models.threads.threads import CustomerAddress
from banxway.models.words import AddressKind


class CustomerQuery(PageQuery):
    """Which customers: all, or those whose name, email address or phone number contains `search`."""

    search: str | None = Field(default=None, min_length=1, max_length=100)
    """A part of a name, an email address or a phone number."""


class CustomerSummary(BaseModel):
    """One row of the list of customers.

    `is_cut` is true if the name is shortened or there are more addresses; GET on the customer returns more of both.
    """

    id: UUID
    """The customer's id."""
    name: str
    """The customer's name, or their first address if no name is known."""
    addresses: list[CustomerAddress]
    """Their first addresses, at most twenty."""
    thread_count: int
    """How many threads they have."""
    last_message_at: datetime | None
    """The time of the latest message; null if there is none."""
    created_at: datetime
    """When they were first seen."""
    is_cut: bool
    """Whether the name is shortened, or addresses are left out."""


class LinkedAddress(BaseModel):
    """An address of a customer, and how it was learned.

    If `via` is set, the customer only claimed the address: it was the Reply-To of mails from that sender, which
    writes for others.
    """

    id: UUID
    """The address's id; it is removed by it."""
    kind: AddressKind
    """What `address` is."""
    address: str
    """An email address in lower case, or a phone number in E.164."""
    via: str
    """The sender that wrote for the customer, if they only claimed the address; else empty."""
    linked_by: Literal["inbound", "agent"]
    """How it was learned: `inbound` if the customer wrote from it, `agent` if a member said so."""
    created_at: datetime
    """When it was learned."""


class MergedCustomer(BaseModel):
    """A customer that was merged into another one and can be un-merged."""

    id: UUID
    """The id of the customer that was merged."""
    name: str
    """The name of the customer that was merged."""
    merged_by: UUID
    """The member who merged them."""
    merged_at: datetime
    """When they were merged."""


class CustomerDetails(BaseModel):
    """One customer with their addresses and the customers that were merged into this one.

    `is_cut` is true if a name is shortened, or if there are more addresses or merged customers than fit in an answer.
    """

    id: UUID
    """The customer's id."""
    name: str
    """The customer's name, or their first address if no name is known."""
    addresses: list[LinkedAddress]
    """Their addresses, in the order in which they were learned."""
    thread_count: int
    """How many threads they have."""
    merged_customers: list[MergedCustomer]
    """The customers that can be un-merged from this one, the latest first."""
    created_at: datetime
    """When they were first seen."""
    is_cut: bool
    """Whether a name is shortened, or addresses or merged customers are left out."""


class CustomerChange(ChangeBody):
    """The change of a customer: another name."""

    name: Annotated[Label, Field(min_length=1, max_length=200)]
    """The new name, on one line."""


class NewCustomerAddress(RequestBody):
    """An address that a member links to a customer."""

    kind: AddressKind
    """What `address` is."""
    address: Annotated[str, Field(max_length=254)]
    """An email address or a phone number, as `kind` says."""

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
    """The other customer, who is merged into the customer of the path, or un-merged from that one."""

    customer_id: UUID
    """The other customer."""
