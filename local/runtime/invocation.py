"""The result or the error of one invocation, read from the emulator's answer."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Invocation:
    """A function's result, or its error in Lambda's form. `instance_lost`: the instance must not be used again."""

    result: Any = None
    error: dict[str, Any] | None = None
    instance_lost: bool = False


def lost(error_type: str, message: str) -> Invocation:
    """Return the invocation of a function whose process died before it answered."""
    return Invocation(error={"errorType": error_type, "errorMessage": message}, instance_lost=True)


def read_answer(status: int, body: bytes) -> Invocation:
    """Return the result or the error of an emulator's answer, by the rule in reference/aws.md, 2.

    The emulator answers a raised exception with 200 and three keys of its own, a timeout with 200 and plain
    text, and everything else that went wrong with another status. After anything but a raised exception
    the process was restarted or is in doubt, so the instance is given up.
    """
    try:
        parsed = json.loads(body) if body else None
    except ValueError:
        return lost("Sandbox.Timedout", body.decode(errors="replace"))
    if status != 200:
        error = (
            parsed
            if isinstance(parsed, dict)
            else {"errorType": "Runtime.Unknown", "errorMessage": str(parsed)}
        )
        return Invocation(error=error, instance_lost=True)
    if isinstance(parsed, dict) and {"errorType", "errorMessage", "requestId"} <= parsed.keys():
        return Invocation(error=parsed)
    return Invocation(result=parsed)
