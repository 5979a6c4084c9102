"""An Exotel account with recognisable secrets, and envelopes as Exotel writes them."""

from typing import Any

from banxway.models.integrations.credentials import ExotelAccount

API_KEY, API_TOKEN = "key-canary-41", "token-canary-42"


def an_account(base_url: str = "https://api.exotel.com") -> ExotelAccount:
    return ExotelAccount("acme1", API_KEY, API_TOKEN, base_url)


def envelope(code: int, response: dict[str, Any] | None = None) -> dict[str, Any]:
    """A v2/v3 envelope around `response`."""
    return {
        "request_id": "r1",
        "method": "POST",
        "http_code": code,
        "metadata": None,
        "response": response or {},
    }


def failure(code: int, error_code: int, message: str, description: str | None = None) -> dict[str, Any]:
    """A v2/v3 envelope of a refusal."""
    error = {"code": error_code, "message": message, "description": description or message}
    return envelope(code, {"code": code, "error_data": error, "status": "failure", "data": None})


def sent(sid: str | None = "5d0c4e7f") -> dict[str, Any]:
    """The answer to a WhatsApp message that was accepted."""
    item = {"code": 202, "error_data": None, "status": "success", "data": {"sid": sid} if sid else {}}
    return envelope(202, {"whatsapp": {"messages": [item]}})


def refused_item(code: int, error_code: int, message: str, description: str | None = None) -> dict[str, Any]:
    """The answer to a WhatsApp message that was refused, as an item under HTTP 200."""
    error = {"code": error_code, "message": message, "description": description or message}
    item = {"code": code, "error_data": error, "status": "failure", "data": None}
    return envelope(202, {"whatsapp": {"messages": [item]}})
