"""What the diagnosis knows of the deployment that it runs in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from banxway.models.diagnosis import QueueDepth, WebAnswer


@dataclass(frozen=True)
class Deployment:
    """Settings, never their secrets, and the ways to what lies around the functions.

    `fetch` asks an address without credentials and raises ProviderError kinds; `measure` reads a queue and
    `check_epoch` the ledger's outside copy, both raising Unavailable. `regions` are Exotel's addresses, of
    which an account's credentials work at one. `fallback_types` are integrations served from the environment.
    """

    webhook_base_url: str | None
    has_webhook_secret: bool
    demands_signature: bool
    allows_private: bool
    exotel_url: str
    queue_urls: Mapping[str, str | None]
    fetch: Callable[[str], WebAnswer]
    measure: Callable[[str], QueueDepth]
    check_epoch: Callable[[], None]
    regions: tuple[str, ...] = ("https://api.exotel.com", "https://api.in.exotel.com")
    fallback_types: tuple[str, ...] = ()
