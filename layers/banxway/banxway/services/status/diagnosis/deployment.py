"""Describes the deployment that the diagnosis runs in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from banxway.models.status.diagnosis import WebAnswer
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.storage.queues import QueueDepth


@dataclass(frozen=True)
class Deployment:
    """Settings without secrets, and the functions that reach outside services.

    `fetch` asks an address without credentials and raises ProviderError kinds; `measure` reads a queue and
    `check_epoch` the ledger's outside copy, both raising Unavailable. `environment` stands in for integrations that
    are not saved.
    """

    webhook_base_url: str | None
    has_webhook_secret: bool
    demands_signature: bool
    allows_private: bool
    queue_urls: Mapping[str, str | None]
    fetch: Callable[[str], WebAnswer]
    measure: Callable[[str], QueueDepth]
    check_epoch: Callable[[], None]
    environment: EnvironmentIntegrations
