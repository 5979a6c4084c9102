"""python -m local.doctor [--url URL]: name what is wrong with a running deployment, and how to repair it.

Asks /health and /api/v1/settings/diagnostics. Where the diagnosis itself cannot answer, the reason of the refusal
names the cause: no answer, a refused session, an unusable database. The session token comes from the environment
(BANXWAY_TOKEN), so that no list of processes shows it; a local runner is asked for one.
Exits with 1 when something is wrong, with 2 when it cannot ask.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from local.function_files import add_layer_to_path

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_DEMO_ADMIN = "admin@banxway.local"
_PATIENCE_S = 40.0
_MOST_BYTES = 4_000_000

# The catalogue's cause for each reason with which the API refuses a session, and with which /health fails.
_CAUSES_OF_401 = {
    "no_authorization_header": "authorization_header",
    "malformed_authorization_header": "authorization_header",
    "session_expired": "session_expired",
    "wrong_signature": "token_wrong_environment",
    "wrong_issuer": "token_wrong_environment",
    "wrong_audience": "token_wrong_environment",
    "no_invitation": "not_invited",
    "email_missing": "address_not_proven",
    "email_not_verified": "address_not_proven",
    "invitation_expired": "invitation_expired",
    "several_invitations": "several_invitations",
    "user_deactivated": "user_deactivated",
}
_CAUSES_OF_HEALTH = {
    "database_wrong_role": "database_wrong_role",
    "database_version": "database_version",
    "database_wrong_password": "database_wrong_password",
    "database_sign_in_refused": "database_sign_in_refused",
    "database_not_found": "database_not_found",
    "database_full": "database_full",
    "database_address_unreadable": "settings_incomplete",
    "setting_missing": "settings_incomplete",
    "schema_missing": "migration_missing",
    "migration_missing": "migration_missing",
    "storage_full": "blob_store_unreachable",
}


class NotAsked(Exception):
    """Raised when the command line names nothing that may be asked; the sentence says why."""


@dataclass(frozen=True)
class Answer:
    """One answer; `content` is empty where the body was not a JSON object."""

    status: int
    content: dict[str, Any]

    @property
    def error(self) -> str:
        """The sentence of a failure."""
        return str(self.content.get("error") or f"HTTP {self.status}")

    @property
    def reason(self) -> str | None:
        """The reason of a failure, as a stable word; None where the API gives none."""
        details = self.content.get("details")
        return details.get("reason") if isinstance(details, dict) else None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a redirect would carry the token to wherever it points."""

    def redirect_request(self, *_args: Any, **_options: Any) -> None:
        return None


class Doctor:
    """Asks one deployment; the token is shown nowhere."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._url = url.rstrip("/")
        self._token = token
        parts = urlsplit(self._url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise NotAsked("URL must begin with https://, or be on this machine: a token goes with it")
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects()).open

    def examine(self) -> dict[str, Any]:
        """Return the report of /settings/diagnostics, or one in the same shape about why there is none."""
        try:
            return self._health() or self._diagnostics()
        except OSError as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            return _report("api_unreachable", self._url, str(reason))

    def answer_to(self, path: str) -> Answer:
        """Ask for a path, signed in where a token is known. Raises OSError where nothing answers."""
        return self._ask("GET", path, token=self._token or self._local_token())

    def _health(self) -> dict[str, Any] | None:
        """Return a report if the deployment cannot work at all."""
        answer = self._ask("GET", "/health")
        health = answer.content.get("data")
        if not isinstance(health, dict) or "migrations_expected" not in health:
            if "request_id" in answer.content:
                evidence = f"/health: {answer.error} (request {answer.content['request_id']})"
                return _report("settings_incomplete", self._url, evidence)
            return _report("api_not_ours", self._url, f"GET /health → {answer.status}")
        reason = health.get("reason")
        if reason is None:
            return None
        if reason == "storage_full":
            subject, evidence = "storage", health["storage"]
        elif reason == "migration_missing":
            applied, expected = health["migrations_applied"], health["migrations_expected"]
            subject, evidence = "database", f"{applied} of {expected} are applied"
        else:
            subject, evidence = "database", health["database"]
        return _report(_CAUSES_OF_HEALTH.get(reason, "database_unreachable"), subject, f"/health: {evidence}")

    def _diagnostics(self) -> dict[str, Any]:
        token = self._token or self._local_token()
        if token is None:
            return _report("authorization_header", "session", "no token was given: make doctor TOKEN=…")
        answer = self._ask("GET", "/api/v1/settings/diagnostics", token=token)
        if answer.status == 200 and isinstance(answer.content.get("data"), dict):
            report: dict[str, Any] = answer.content["data"]
            return report
        evidence = f"{answer.status}: {answer.error}"
        if answer.status == 401:
            code = _CAUSES_OF_401.get(answer.reason or "", "token_unreadable")
            return _report(code, "session", evidence)
        if answer.status == 403:
            return _report("role_missing", "session", evidence)
        if request_id := answer.content.get("request_id"):
            evidence += f" (request {request_id})"
        return _report("diagnosis_failed", self._url, evidence)

    def _local_token(self) -> str | None:
        answer = self._ask("POST", "/local/token", body={"email": _DEMO_ADMIN})
        token = answer.content.get("token")
        return token if isinstance(token, str) else None

    def _ask(
        self, method: str, path: str, *, token: str | None = None, body: Mapping[str, Any] | None = None
    ) -> Answer:
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 -- the constructor admits no other schemes than HTTP's
            self._url + path, content, headers, method=method
        )
        try:
            with self._open(request, timeout=_PATIENCE_S) as response:
                return Answer(response.status, _object(response.read(_MOST_BYTES)))
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, _object(refusal.read(_MOST_BYTES)))


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _report(code: str, subject: str, evidence: str) -> dict[str, Any]:
    """Return a report of one finding, from the catalogue that the API itself uses."""
    from banxway.services.status.diagnosis.catalogue import CAUSES

    cause = CAUSES[code]
    finding = {
        "code": code,
        "area": cause.area,
        "subject": subject,
        "severity": cause.severity,
        "symptom": cause.symptom,
        "evidence": evidence,
        "cause": cause.cause,
        "fix": cause.fix,
        "guide_issue": cause.issue,
    }
    return {"healthy": False, "findings": [finding], "checks": []}


def write(report: Mapping[str, Any]) -> str:
    """Return a report as a person reads it."""
    lines = []
    for each in report["findings"]:
        issue = f", issue {each['guide_issue']}" if each["guide_issue"] else ""
        lines.append(f"{each['severity'].upper()}  {each['code']}: {each['subject']}{issue}")
        lines += [f"  {name:<9} {each[name]}" for name in ("symptom", "evidence", "cause", "fix")]
        lines.append("")
    checks = report["checks"]
    failed = [f"{check['name']} {check['subject']}" for check in checks if not check["ok"]]
    if checks:
        lines.append(f"{_checks(len(checks))}, {_failures(failed)}")
    lines.append(_verdict(report))
    return "\n".join(lines)


def _verdict(report: Mapping[str, Any]) -> str:
    if not report["healthy"]:
        return "Something is wrong; start with the first entry."
    return (
        "Nothing is broken; the notes above name what is missing."
        if report["findings"]
        else "Nothing is wrong."
    )


def _checks(number: int) -> str:
    return f"{number} check{'' if number == 1 else 's'}"


def _failures(failed: list[str]) -> str:
    return f"{len(failed)} failed: {', '.join(failed)}" if failed else "all good"


def main(arguments: list[str] | None = None) -> int:
    """Examine, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.doctor", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the deployment to ask")
    given = parser.parse_args(arguments)
    add_layer_to_path()
    try:
        token = "".join(os.environ.get("BANXWAY_TOKEN", "").split("\n")).strip()
        report = Doctor(given.url, token or None).examine()
    except (NotAsked, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(write(report))
    return 0 if report["healthy"] else 1


if __name__ == "__main__":
    sys.exit(main())
