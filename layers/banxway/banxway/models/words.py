"""Closed sets of words that many answers and queries share."""

from typing import Literal

Channel = Literal["EMAIL", "WHATSAPP"]
Direction = Literal["inbound", "outbound"]
Role = Literal["admin", "manager", "agent"]
IntegrationType = Literal["exotel_phone", "exotel_whatsapp", "exotel_sms", "zoho_mail"]
AddressKind = Literal["email", "phone"]
Outcome = Literal["success", "failed"]
