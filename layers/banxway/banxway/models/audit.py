"""The audit trail, as admins read it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from banxway.models.pages import PageQuery


class AuditEntry(BaseModel):
    """One entry; `sequence` and `hash` are its place in the organization's chain."""

    id: UUID
    sequence: int
    user_id: UUID | None
    integration_type: str | None
    action: str
    status: str
    details: dict[str, Any]
    created_at: datetime
    hash: str


class AuditQuery(PageQuery):
    """Which entries: all, or those of one integration, action or outcome."""

    integration_type: str | None = None
    action: str | None = None
    status: str | None = None
