"""WhatsApp templates, as Meta approves and Exotel lists them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class ProviderTemplate:
    """A template as the provider lists it; `components` is the provider's own list, unchanged.

    `parameter_format` is `positional` or `named`, or empty if the provider does not name it.
    """

    provider_id: str | None
    name: str
    language: str
    category: str
    status: str  # approved | pending | rejected | disabled | …: the provider's word in lower case
    body: str
    components: list[dict[str, Any]] = field(default_factory=list)
    parameter_format: str = ""


class WhatsAppTemplate(BaseModel):
    """One row of GET /settings/whatsapp-templates."""

    id: UUID
    """The template's id."""
    name: str
    """Its name at Meta."""
    language: str
    """Its language."""
    category: str
    """Meta's category, in lower case."""
    status: str
    """Meta's status of the template, in lower case; only `approved` ones can be sent."""
    body: str
    """Its text, with {{1}} … {{n}}."""
    is_cut: bool = False
    """Whether the body is shortened, because it is longer than WhatsApp permits."""
    variables: int
    """How many variables the body has."""
    not_usable: str | None
    """A sentence that says why the product cannot fill and send it; null if it can."""
    synced_at: datetime
    """When it was last synced."""
