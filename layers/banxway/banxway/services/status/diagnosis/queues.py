"""Counts the items that wait on each queue, and the organization's dead letters."""

from functools import partial

from banxway.errors import Unavailable
from banxway.services.status.diagnosis.causes import Found, Probe, ProbeResult, result_of
from banxway.services.status.diagnosis.deployment import Deployment
from banxway.storage.queues import QueueDepth
from banxway.storage.status.diagnosis import Facts

_MANY = 1000
_OLD_S = 600.0


def probes(deployment: Deployment) -> list[Probe]:
    """Return one probe per queue that is configured."""
    return [
        Probe("queue", name, partial(_ask, name, url, deployment), _unreachable(name, "no answer in time"))
        for name, url in deployment.queue_urls.items()
        if url
    ]


def examine(facts: Facts, deployment: Deployment) -> list[Found]:
    """Return the queues whose address is not set as one finding, and one for each queue with open dead letters."""
    missing = [f"{name.upper()}_QUEUE_URL" for name, url in deployment.queue_urls.items() if not url]
    found = [
        Found("dead_letters", each.queue, f"{each.count} of this organization are open")
        for each in facts.dead_letters
    ]
    if missing:
        found.append(Found("queue_not_configured", "queues", f"{', '.join(missing)} not set"))
    return found


def _ask(name: str, url: str, deployment: Deployment) -> ProbeResult:
    try:
        depth = deployment.measure(url)
    except Unavailable as error:
        return result_of(_unreachable(name, error.message))
    return result_of(*_judged(name, depth))


def _judged(name: str, depth: QueueDepth) -> list[Found]:
    found = []
    is_old = depth.oldest_s is not None and depth.oldest_s > _OLD_S
    if depth.waiting >= _MANY or (is_old and depth.waiting):
        age = f", the oldest for {depth.oldest_s:.0f} s" if depth.oldest_s else ""
        found.append(Found("queue_backlog", name, f"about {depth.waiting} items wait{age}"))
    return found


def _unreachable(name: str, reason: str) -> Found:
    return Found("queue_unreachable", name, reason, root="queue_unreachable")
