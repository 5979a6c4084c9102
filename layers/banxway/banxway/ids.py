"""Identifiers, made by an injected function so that tests can predict them."""

from collections.abc import Callable
from uuid import UUID, uuid4

NewId = Callable[[], UUID]
"""Returns a new identifier on every call."""


def new_id() -> UUID:
    """Return a random UUID (version 4)."""
    return uuid4()
