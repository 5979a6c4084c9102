"""The answer to a person who opens a callback URL, as the guide does to see whether it is reachable."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

HOW_TO_USE = (
    "This address is reachable. Exotel needs the signed one: an admin copies callback_url from GET "
    "/api/v1/settings/integrations/exotel_phone or /exotel_whatsapp into Exotel Dashboard → Webhook Settings"
)


class CallbackAddress(BaseModel):
    """The answer that the URL is reachable; its `message` says where to find the signed URL."""

    reachable: Literal[True] = True
    """Always true: the URL answered."""


class CallbackAddressQuery(BaseModel):
    """The query of a signed callback URL; opening it is not a callback, so the reference is not read."""

    model_config = ConfigDict(extra="forbid")

    reference: str | None = Field(default=None, max_length=1000)
    """The reference of a signed URL; it is not read here."""
