"""Answers preflights and marks responses from the template's CorsConfiguration, as an HTTP API does."""

from collections.abc import Mapping

from local.gateway.answers import Answer, Headers
from local.template import Cors


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Return whether a request is a preflight; it never reaches a function."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def preflight(cors: Cors, headers: Mapping[str, str]) -> Answer:
    """Return the answer to a preflight: 204, with the CORS headers only for an allowed origin."""
    allowed = _origin(cors, headers["origin"])
    if not allowed:
        return Answer(204, [], b"")
    answer = [*allowed, ("access-control-allow-methods", ",".join(cors.methods))]
    if cors.headers:
        answer.append(("access-control-allow-headers", ",".join(cors.headers)))
    if cors.max_age_s is not None:
        answer.append(("access-control-max-age", str(cors.max_age_s)))
    return Answer(204, answer, b"")


def marked(answer: Answer, cors: Cors, headers: Mapping[str, str]) -> Answer:
    """Return the answer with the API's CORS headers; a function's own are dropped where the API has any."""
    if not cors.origins:
        return answer
    own = [(name, value) for name, value in answer.headers if not name.startswith("access-control-")]
    allowed = _origin(cors, headers["origin"]) if "origin" in headers else []
    if allowed and cors.exposed:
        allowed = [*allowed, ("access-control-expose-headers", ",".join(cors.exposed))]
    return Answer(answer.status, own + allowed, answer.body)


def _origin(cors: Cors, origin: str) -> Headers:
    if "*" in cors.origins and not cors.credentials:
        return [("access-control-allow-origin", "*")]
    if origin not in cors.origins and "*" not in cors.origins:
        return []
    headers = [("access-control-allow-origin", origin), ("vary", "origin")]
    return [*headers, ("access-control-allow-credentials", "true")] if cors.credentials else headers
