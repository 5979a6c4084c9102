"""Checks whether callbacks can reach us, and whether they do (the guide's issue 8)."""

import ipaddress
import json
import socket
from urllib.parse import urlsplit

from banxway.errors import ProviderError
from banxway.models.status.diagnosis import WebAnswer
from banxway.security.hosts import is_public
from banxway.services.status.diagnosis.causes import Found, Probe, ProbeResult, result_of
from banxway.services.status.diagnosis.deployment import Deployment
from banxway.storage.status.diagnosis import Facts

_SUBJECT = "WEBHOOK_BASE_URL"
_MANY = 5
_SHARE = 0.1


def examine(facts: Facts, deployment: Deployment) -> list[Found]:
    """Return what settings and stored callbacks show."""
    found = []
    if not deployment.webhook_base_url:
        found.append(Found("webhook_url_missing", _SUBJECT, "WEBHOOK_BASE_URL is empty"))
    elif not deployment.webhook_base_url.startswith("https://") and not deployment.allows_private:
        evidence = f"WEBHOOK_BASE_URL is {deployment.webhook_base_url}"
        found.append(Found("webhook_url_not_https", _SUBJECT, evidence))
    if not deployment.has_webhook_secret:
        found.append(Found("webhook_secret_missing", "WEBHOOK_SECRET", "WEBHOOK_SECRET is empty"))
    return [*found, *_silence(facts, deployment), *_rejects(facts)]


def _silence(facts: Facts, deployment: Deployment) -> list[Found]:
    sends, since = facts.unreported.sends, facts.unreported.since
    if not sends or since is None:
        return []
    evidence = f"{sends} WhatsApp messages accepted since {since:%Y-%m-%d %H:%M} UTC, no callback since a day"
    if deployment.demands_signature:
        return [Found("webhook_signature_never_seen", "EXOTEL_SIGNATURE_SECRET", evidence)]
    return [Found("webhook_none_received", "exotel_whatsapp", evidence)]


def _rejects(facts: Facts) -> list[Found]:
    found = []
    received = facts.callbacks.received
    counts = {"unreadable": facts.callbacks.unreadable, "revoked": facts.callbacks.revoked}
    for outcome, count in counts.items():
        if count >= _MANY and count >= _SHARE * received:
            evidence = f"{count} of {received} callbacks of the last 24 hours are {outcome}"
            found.append(Found(f"webhook_{outcome}", "callbacks", evidence))
    return found


def probes(deployment: Deployment) -> list[Probe]:
    """Return the probe that asks our own /health through the callback address."""
    url = (deployment.webhook_base_url or "").rstrip("/")
    if not url or not (url.startswith("https://") or deployment.allows_private):
        return []
    silent = Found("webhook_url_unreachable", _SUBJECT, f"{url}/health did not answer in time")
    return [Probe("webhook_url", _SUBJECT, lambda: _ask(url, deployment), silent)]


def _ask(url: str, deployment: Deployment) -> ProbeResult:
    if not deployment.allows_private and (private := _private_address(urlsplit(url).hostname or "")):
        return result_of(Found("webhook_url_private", _SUBJECT, f"{url} leads to {private}"))
    try:
        answer = deployment.fetch(f"{url}/health")
    except ProviderError as error:
        return result_of(Found("webhook_url_unreachable", _SUBJECT, f"GET {url}/health → {error.message}"))
    if _is_ours(answer):
        return result_of()
    evidence = f"GET {url}/health → {answer.status}, and not the answer of this API"
    return result_of(Found("webhook_url_wrong_target", _SUBJECT, evidence))


def _private_address(host: str) -> str | None:
    """Return an address of the host that no provider can reach, or None."""
    try:
        answers = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return None
    addresses = (str(sockaddr[0]) for _, _, _, _, sockaddr in answers)
    return next((each for each in addresses if not is_public(ipaddress.ip_address(each))), None)


def _is_ours(answer: WebAnswer) -> bool:
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        return False
    health = content.get("data") if isinstance(content, dict) else None
    return isinstance(health, dict) and "migrations_expected" in health
