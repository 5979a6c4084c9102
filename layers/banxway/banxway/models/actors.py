"""The actor: the signed-in user on whose behalf a request works."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user, as their row is at the time of the request."""

    user_id: UUID
    organization_id: UUID
    role: str  # admin | manager | agent
    email: str
