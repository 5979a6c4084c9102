"""The accounts of the simulated Exotel, and who may use them (reference/exotel.md, 1.1, 1.3 and 11.1)."""

import base64
import binascii
import hmac
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from local.sandbox.exotel.answers import Refused
from local.sandbox.exotel.numbers import canonical, same

REGIONS = ("singapore", "mumbai")
STATUSES = ("active", "suspended")


@dataclass
class Account:
    """One Exotel account. `ip_allowed` false simulates an IP list without the caller's address."""

    account_sid: str
    api_key: str
    api_token: str
    region: str = "singapore"
    status: str = "active"
    voice_enabled: bool = True
    whatsapp_enabled: bool = True
    ip_allowed: bool = True
    numbers: list[dict[str, Any]] = field(default_factory=list)
    whatsapp_numbers: list[str] = field(default_factory=list)
    waba_id: str | None = None
    default_webhook_url: str | None = None
    templates: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)

    def owns_whatsapp_number(self, number: str) -> bool:
        """Return whether the number may send WhatsApp messages from this account."""
        return any(same(number, own) for own in self.whatsapp_numbers)

    def to_connect(self) -> dict[str, Any]:
        """Return what somebody enters to connect the account."""
        return {
            "account_sid": self.account_sid,
            "api_key": self.api_key,
            "api_token": self.api_token,
            "virtual_number": self.numbers[0]["phone_number"] if self.numbers else None,
            "whatsapp_number": next(iter(self.whatsapp_numbers), None),
            "waba_id": self.waba_id,
        }

    def change(self, values: dict[str, Any]) -> None:
        """Set some fields. Raises ValueError naming a field that is unknown or wrong."""
        declared = {each.name for each in fields(self)}
        unknown = sorted(set(values) - declared)
        if unknown:
            raise ValueError(f"unknown field: {unknown[0]}")
        for name, value in values.items():
            setattr(self, name, _checked(name, value))


def make_account(values: dict[str, Any]) -> Account:
    """Return an account from a JSON object. Raises ValueError naming what is missing, unknown or wrong."""
    for name in ("account_sid", "api_key", "api_token"):
        if not isinstance(values.get(name), str) or not values[name]:
            raise ValueError(f"missing field: {name}")
    account = Account(values["account_sid"], values["api_key"], values["api_token"])
    account.change(values)
    return account


def _checked(name: str, value: Any) -> Any:
    if name == "region" and value not in REGIONS:
        raise ValueError(f"region must be one of {', '.join(REGIONS)}")
    if name == "status" and value not in STATUSES:
        raise ValueError(f"status must be one of {', '.join(STATUSES)}")
    if name in ("voice_enabled", "whatsapp_enabled", "ip_allowed") and not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false")
    if name in ("numbers", "whatsapp_numbers", "templates", "calls") and not isinstance(value, list):
        raise ValueError(f"{name} must be a list")
    if name == "numbers":
        return [_exophone(each) for each in value]
    if name == "whatsapp_numbers" and any(canonical(each) is None for each in value):
        raise ValueError("whatsapp_numbers must be phone numbers")
    return value


def _exophone(given: str | dict[str, Any]) -> dict[str, Any]:
    number = {"phone_number": given} if isinstance(given, str) else dict(given)
    spelling = number.get("phone_number", "")
    if canonical(spelling) is None:
        raise ValueError("numbers must be phone numbers")
    return {
        "sid": uuid.uuid5(uuid.NAMESPACE_URL, spelling).hex,
        "friendly_name": spelling,
        "capabilities": {"voice": number.pop("voice", True), "sms": number.pop("sms", False)},
        "country": "IN",
        "region": "DL",
        **number,
    }


class Accounts:
    """Every account, by its SID."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Account] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_sid.values())

    def add(self, account: Account) -> None:
        """Add an account, or replace the one with its SID."""
        self._by_sid[account.account_sid] = account

    def find(self, account_sid: str) -> Account | None:
        """Return the account, or None."""
        return self._by_sid.get(account_sid)

    def admit(self, *, authorization: str, region: str | None, account_sid: str) -> Account:
        """Return the account that the caller may use. Raises Refused in the order the platform checks.

        Wrong key, token or region: 401. IP not listed: 403. Unknown SID: 404. Somebody else's account: 403.
        Suspended: 403.
        """
        caller = self._owner(authorization)
        if caller is None or region not in (None, caller.region):
            raise Refused(401, "Authentication failed")
        if not caller.ip_allowed:
            raise Refused(403, "IP not whitelisted")
        wanted = self.find(account_sid)
        if wanted is None:
            raise Refused(404, "Account not found")
        if wanted is not caller:
            raise Refused(403, "Access denied")
        if caller.status == "suspended":
            raise Refused(403, "Account inactive")
        return caller

    def _owner(self, authorization: str) -> Account | None:
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except binascii.Error:
            return None
        for account in self:
            if hmac.compare_digest(given, f"{account.api_key}:{account.api_token}".encode()):
                return account
        return None


def region_of(host: str) -> str | None:
    """Return the region whose host name was called; None for an address such as 127.0.0.1."""
    name = host.partition(":")[0].lower()
    if not name.endswith(".exotel.com"):
        return None
    return "mumbai" if ".in." in name else "singapore"
