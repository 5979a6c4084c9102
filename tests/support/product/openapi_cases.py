"""Sends a running product what openapi.json allows and forbids, as Schemathesis generates it."""

import copy
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from uuid import UUID

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, strategies
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup

from banxway.security.permissions import PERMISSIONS
from tests.support.gates.chance import IS_SOAK
from tests.support.product.documented import document, resolved, validator_of
from tests.support.timing.waiting import PATIENCE_S

LONGEST = 10_000
"""Longer texts take long to generate; tests such as tests/api/test_bad_input.py send them."""
# No stored text may contain NUL; JSON Schema would have to say so of each text.
_CONFIGURATION = {
    "generation": {"allow-x00": False},
    "checks": {"negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 413, 422]}},
}
STATE = {
    "not_found", "not_permitted", "conflict", "changed_meanwhile", "not_configured", "thread_moved_on",
    "rate_limited",
    "template_required", "host_refused", "mailbox_check_failed", "provider_rejected", "provider_denied",
    "wrong_region", "provider_blocked", "provider_throttled", "provider_unavailable", "provider_timeout",
    "outcome_unknown",
}  # fmt: skip
"""Codes that speak of what is stored, of the user or of a provider, and never of the request's form."""
NAMES_A_ROW = re.compile(r"(.*\.)?(\w+_id|\w+_ids|attachments)(\.\d+)?|inline(\.\d+)?(\.upload_id)?")
"""Fields that name what must be there: which ids are good is no matter of form."""
Answer = Any
schemathesis.openapi.format("timezone", strategies.sampled_from(["Asia/Kolkata", "Europe/Berlin", "UTC"]))


class Requests:
    """Every operation of the document, as one user asks it; `ids` are rows that are there, by the path's name."""

    def __init__(
        self,
        url: str,
        *,
        token: str,
        ids: Mapping[str, str],
        fixed: Mapping[str, Any],
        queries: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Take what fields are in every body, such as the host of a mail server that answers, and queries by path."""
        self._url = url
        self._queries = queries
        self._headers = {"Authorization": f"Bearer {token}"}
        self._ids = ids
        self._fixed = fixed
        self._schema = schemathesis.openapi.from_dict(
            _shortened(document()), config=schemathesis.Config.from_dict(_CONFIGURATION)
        )
        self.asked: Counter[str] = Counter()

    def operations(self) -> Iterator[Any]:
        """Yield the operations, those that remove something last."""
        found = [each.ok() for each in self._schema.get_all_operations()]
        yield from sorted(found, key=lambda each: (each.method.upper() == "DELETE", each.label))

    def may(self, role: str, operation: Any) -> bool:
        """Return whether a role has the operation's permission."""
        permission = operation.definition.raw.get("x-permission")
        return permission is None or role in PERMISSIONS[permission]

    def can_be_wrong(self, operation: Any) -> bool:
        """Return whether there is anything in a request that the document restricts."""
        raw = document()["paths"][operation.path][operation.method.lower()]
        parameters = [resolved(each)["schema"] for each in raw.get("parameters", ())]
        return "requestBody" in raw or any(each != {"type": "string"} for each in parameters)

    def try_allowed(self, operation: Any, *, examples: int, judge: Callable[[Case, Answer], None]) -> None:
        """Send requests that the document allows, every second one about rows that are there."""

        def ask(case: Case) -> None:
            self.asked[f"{operation.label} allowed"] += 1
            if self.asked[f"{operation.label} allowed"] % 2 and operation.method.upper() != "DELETE":
                case.path_parameters = {**(case.path_parameters or {}), **self._known(case)}
            # A cursor comes from an answer; which body fits, the path's type decides.
            case.query = {name: value for name, value in (case.query or {}).items() if name != "cursor"}
            case.query |= self._queries.get(operation.path, {})
            if isinstance(case.body, dict):
                case.body = {name: self._fixed.get(name, value) for name, value in _whole(case.body).items()}
                case.path_parameters = {**(case.path_parameters or {}), **_type_of(operation, case.body)}
            judge(case, self._send(case))

        _run(operation, GenerationMode.POSITIVE, ask, examples=examples)

    def try_forbidden(self, operation: Any, *, examples: int, judge: Callable[[Case, Answer], None]) -> None:
        """Send requests that the document forbids, about rows that are there: absent ones would be refused anyway."""

        def ask(case: Case) -> None:
            self.asked[f"{operation.label} forbidden"] += 1
            if all(map(_is_id, (case.path_parameters or {}).values())):
                case.path_parameters = {**(case.path_parameters or {}), **self._known(case)}
            if _is_allowed_when_stripped(case):
                # Bodies drop space around texts before they count: that is the request that this would have been.
                case.body = _stripped(case.body)
            judge(case, self._send(case))

        _run(operation, GenerationMode.NEGATIVE, ask, examples=examples)

    def _known(self, case: Case) -> dict[str, str]:
        return {name: self._ids[name] for name in case.path_parameters or {} if name in self._ids}

    def _send(self, case: Case) -> Answer:
        return case.call(base_url=self._url, headers=self._headers, timeout=PATIENCE_S)


def _is_id(value: Any) -> bool:
    try:
        return str(UUID(str(value))) == value
    except ValueError:
        return False


def _is_allowed_when_stripped(case: Case) -> bool:
    validator = _body_of(case.operation.path, case.operation.method.lower())
    return validator is not None and isinstance(case.body, dict) and validator.is_valid(_stripped(case.body))


@cache
def _body_of(path: str, method: str) -> Any:
    content = document()["paths"][path][method].get("requestBody", {}).get("content", {})
    return validator_of(content["application/json"]["schema"]) if "application/json" in content else None


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _stripped(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_stripped(each) for each in value]
    return value.strip() if isinstance(value, str) else value


def _whole(value: Any) -> Any:
    """Return a JSON value whose whole numbers are written as such: 1.0 is one to a schema, and not to the product."""
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _type_of(operation: Any, body: dict[str, Any]) -> dict[str, str]:
    """Return the path's type of integration for which this body is made."""
    for kind, validator in _shapes_of(operation.path, operation.method.lower()):
        if validator.is_valid(body):
            return {"type": kind}
    return {}


@cache
def _shapes_of(path: str, method: str) -> list[tuple[str, Any]]:
    content = document()["paths"][path][method]["requestBody"]["content"]
    schema = content.get("application/json", {}).get("schema", {})
    if "{type}" not in path or "anyOf" not in schema:
        return []
    kinds = schema["description"].partition(": ")[2].partition(";")[0].split(", ")
    # What follows the shapes of the types is no body at all, which fits every type.
    return [(kind, validator_of(each)) for kind, each in zip(kinds, schema["anyOf"], strict=False)]


def _run(operation: Any, mode: GenerationMode, ask: Callable[[Case], None], *, examples: int) -> None:
    # Nothing is made smaller: a second request about what the first has changed would be answered otherwise.
    chosen = hypothesis.settings(
        max_examples=examples,
        derandomize=not IS_SOAK,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    chosen(hypothesis.given(operation.as_strategy(generation_mode=mode))(ask))()


def _shortened(content: dict[str, Any]) -> dict[str, Any]:
    """Return the document without limits that only very long texts reach, and without ways to sign in.

    Who asks is decided; what comes of a bad session, tests/api/test_access.py asks.
    """
    shorter = {**copy.deepcopy(content), "security": []}
    operations = [each for path in shorter["paths"].values() for each in path.values()]
    for operation in operations:
        operation.pop("security", None)
    waiting: list[Any] = [shorter]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("maxLength"), int) and node["maxLength"] > LONGEST:
                del node["maxLength"]
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return shorter


def code_of(answer: Answer) -> str:
    """Return the code of a refusal, "" for any other answer."""
    try:
        content = answer.json()
    except ValueError:
        return ""
    return str(content.get("code", "")) if isinstance(content, dict) else ""


def field_of(answer: Answer) -> str:
    """Return the field that a refusal names."""
    return str(json.loads(answer.text).get("details", {}).get("field", ""))


def problems_of(case: Case, answer: Answer) -> list[str]:
    """Return what Schemathesis finds wrong with an answer: its status, headers and body, and that it was taken."""
    from schemathesis.specs.openapi import checks

    try:
        case.validate_response(
            answer,
            checks=[
                checks.status_code_conformance,
                checks.content_type_conformance,
                checks.response_headers_conformance,
                checks.response_schema_conformance,
                checks.negative_data_rejection,
            ],
        )
    except (Failure, FailureGroup) as failure:
        return [str(failure)]
    return []
