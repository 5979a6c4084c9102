"""WhatsApp templates, as approved by Meta and listed by Exotel."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class ProviderTemplate:
    """A template as the provider lists it; `components` is kept in the provider's words.

    `parameter_format` is positional or named; empty where the provider does not say.
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
    """One row of GET /settings/whatsapp-templates; `variables` counts {{1}} … {{n}} in the body.

    `not_usable` says why the product cannot fill and send it; null where it can.
    `is_cut` says that the body is longer than WhatsApp takes, and shortened here.
    """

    id: UUID
    """The template's id."""
    name: str
    """Its name at Meta."""
    language: str
    """Its language."""
    category: str
    """Meta's category, in lower case."""
    status: str
    """Meta's word for whether it may be sent, in lower case, such as approved."""
    body: str
    """Its text, with {{1}} … {{n}}."""
    is_cut: bool = False
    """Whether the body is shortened here."""
    variables: int
    """How many variables the body has."""
    not_usable: str | None
    """Why it cannot be filled and sent here; null where it can."""
    synced_at: datetime
    """When it was last synced."""
