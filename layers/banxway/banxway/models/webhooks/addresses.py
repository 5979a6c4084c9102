"""What somebody is told who opens a callback address by hand, as the guide does to see whether it is reachable."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

HOW_TO_USE = (
    "This address is reachable. Exotel needs the signed one: an admin copies callback_url from GET "
    "/api/v1/settings/integrations/exotel_phone or /exotel_whatsapp into Exotel Dashboard → Webhook Settings"
)


class CallbackAddress(BaseModel):
    """That the address is reachable; the answer's `message` says where the signed one is found."""

    reachable: Literal[True] = True
    """Always true: the address answered."""


class CallbackAddressQuery(BaseModel):
    """What a signed address carries; a look at it is not a callback, so the reference is not read."""

    model_config = ConfigDict(extra="forbid")

    reference: str | None = Field(default=None, max_length=1000)
    """The reference of a signed URL; it is not read here."""
