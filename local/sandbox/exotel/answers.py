"""Exotel's two families of answers (reference/exotel.md, 1.2 and 1.3).

v1 and v2_beta: the resource's name at the root, XML unless the path ends in `.json`, errors as RestException.
v2: an envelope with request_id, method, http_code and response; errors as response.error_data.
"""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal
from xml.sax.saxutils import escape

Family = Literal["v1", "v2"]

_CODES = {400: 1002, 401: 1010, 403: 1003, 404: 1000, 415: 1011, 429: 10724, 500: 1100}


@dataclass
class Answer:
    """The answer to one request, with the message ids in it."""

    status: int
    content: dict[str, Any]
    as_xml: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    sids: list[str] = field(default_factory=list)

    def encoded(self) -> tuple[str, bytes]:
        """Return the content type and the body."""
        if self.as_xml:
            return "application/xml", (
                '<?xml version="1.0" encoding="UTF-8"?>\n' + _document(self.content)
            ).encode()
        return "application/json", json.dumps(self.content, ensure_ascii=False).encode()


class Refused(Exception):
    """The request was refused; `message` is Exotel's text, `code` the v2 family's number."""

    def __init__(
        self, status: int, message: str, *, code: int | None = None, description: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or _CODES.get(status, 1100)
        self.description = description or message

    def answer(self, family: Family, *, method: str, as_xml: bool = False) -> Answer:
        """Return the refusal in the family's shape."""
        headers = {"WWW-Authenticate": 'Basic realm="Exotel"'} if self.status == 401 else {}
        if family == "v1":
            content: dict[str, Any] = {"RestException": {"Status": self.status, "Message": self.message}}
            return Answer(self.status, content, as_xml=as_xml, headers=headers)
        content = envelope(method, self.status, {"code": self.status, **failure(self)})
        return Answer(self.status, content, headers=headers)


def failure(refused: Refused) -> dict[str, Any]:
    """Return error_data and its companions: the same for a whole request and for one item of it."""
    message = "Authorization failed" if refused.status == 401 else refused.message
    description = message if refused.status == 401 else refused.description
    error_data = {"code": refused.code, "message": message, "description": description}
    return {"error_data": error_data, "status": "failure", "data": None}


def envelope(method: str, status: int, response: Any, *, metadata: Any = None) -> dict[str, Any]:
    """Return the v2 envelope around a response."""
    return {
        "request_id": uuid.uuid4().hex,
        "method": method,
        "http_code": status,
        "metadata": metadata,
        "response": response,
    }


def _document(content: dict[str, Any]) -> str:
    return (
        "<TwilioResponse>"
        + "".join(_element(name, value) for name, value in content.items())
        + "</TwilioResponse>"
    )


def _element(name: str, value: Any) -> str:
    if value is None:
        return f"<{name}/>"
    if isinstance(value, dict):
        inner = "".join(_element(key, child) for key, child in value.items())
    elif isinstance(value, list):
        inner = "".join(_element(name.removesuffix("s"), child) for child in value)
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"
