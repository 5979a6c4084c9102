"""Who acts."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user, as their row says at the moment of the request."""

    user_id: UUID
    organization_id: UUID
    role: str  # admin | manager | agent
    email: str
