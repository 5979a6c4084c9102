"""What came of one invocation, and how the emulator's answers are told apart."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """A function's answer, or its error in Lambda's words. `instance_lost`: it must not be used again."""

    result: Any = None
    error: dict[str, Any] | None = None
    instance_lost: bool = False


def lost(error_type: str, message: str) -> Outcome:
    """Return the outcome of a call whose process did not live to answer it."""
    return Outcome(error={"errorType": error_type, "errorMessage": message}, instance_lost=True)


def read_answer(status: int, body: bytes) -> Outcome:
    """Tell an answer from an error by the rule in reference reference/aws.md, 2.

    The emulator answers a raised exception with 200 and three tell-tale keys, a timeout with 200 and plain
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
        return Outcome(error=error, instance_lost=True)
    if isinstance(parsed, dict) and {"errorType", "errorMessage", "requestId"} <= parsed.keys():
        return Outcome(error=parsed)
    return Outcome(result=parsed)
