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
    name: str
    language: str
    category: str
    status: str
    body: str
    is_cut: bool = False
    variables: int
    not_usable: str | None
    synced_at: datetime
