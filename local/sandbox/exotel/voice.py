"""Voice: the list of calls (reference/exotel.md, 3.4) and the ExoPhones (section 4)."""

from typing import Any

from local.sandbox.exotel.accounts import Account
from local.sandbox.exotel.answers import Answer, Refused
from local.sandbox.exotel.endpoint import Asked
from local.sandbox.exotel.numbers import same
from local.sandbox.exotel.world import World

_CALL_DEFAULTS: dict[str, Any] = {
    "ParentCallSid": None,
    "Status": "completed",
    "StartTime": None,
    "EndTime": None,
    "Duration": None,
    "Price": None,
    "Direction": "outbound-api",
    "AnsweredBy": None,
    "RecordingUrl": None,
}


def list_calls(world: World, account: Account, asked: Asked) -> Answer:
    """List calls, newest first, by pages. No call is made: the product checks credentials with it (section 11.1)."""
    del world
    if not account.voice_enabled:
        raise Refused(403, "Voice not enabled")
    size = _page_size(asked.query)
    found = [call for call in reversed(account.calls) if _matches(call, asked.query)]
    first = int(asked.query["After"]) if asked.query.get("After", "").isdigit() else 0
    base = f"/v1/Accounts/{account.account_sid}/Calls?PageSize={size}"
    metadata = {
        "Total": len(found),
        "PageSize": size,
        "FirstPageUri": base,
        "PrevPageUri": f"{base}&After={max(0, first - size)}" if first else None,
        "NextPageUri": f"{base}&After={first + size}" if first + size < len(found) else None,
    }
    calls = [
        {"AccountSid": account.account_sid, **_CALL_DEFAULTS, **call} for call in found[first : first + size]
    ]
    return Answer(200, {"Metadata": metadata, "Calls": calls})


def list_numbers(world: World, account: Account, asked: Asked) -> Answer:
    """List the account's ExoPhones. (The paging parameters are not documented; all numbers are on page 0.)"""
    del world
    size = max(50, len(account.numbers))
    numbers = account.numbers if asked.query.get("page", "0") == "0" else []
    return Answer(200, {"page": 0, "page_size": size, "incoming_phone_numbers": numbers})


def get_number(world: World, account: Account, asked: Asked) -> Answer:
    """Return one ExoPhone with its flow addresses."""
    del world
    for number in account.numbers:
        if number["sid"] == asked.params["number_sid"]:
            return Answer(200, {"voice_url": None, "sms_url": None, **number})
    raise Refused(404, "Phone number not found")


def _page_size(query: dict[str, str]) -> int:
    text = query.get("PageSize", "50")
    if not text.isdigit() or not 1 <= int(text) <= 100:
        raise Refused(400, "PageSize must be between 1 and 100")
    return int(text)


def _matches(call: dict[str, Any], query: dict[str, str]) -> bool:
    for name in ("Sid", "Status"):
        if query.get(name) and call.get(name) not in query[name].split(","):
            return False
    for name in ("To", "From", "PhoneNumber"):
        wanted = query[name].split(",") if query.get(name) else []
        if wanted and not any(same(each, str(call.get(name, ""))) for each in wanted):
            return False
    return True
