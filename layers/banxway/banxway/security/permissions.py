"""Who may do what: one table, read by every endpoint and by the test that tries every role on every route."""

from banxway.errors import NotPermitted
from banxway.models.actors import Actor

_ADMIN = frozenset({"admin"})
_MANAGERS = frozenset({"admin", "manager"})
_EVERYBODY = frozenset({"admin", "manager", "agent"})

PERMISSIONS: dict[str, frozenset[str]] = {
    "integrations:view": _EVERYBODY,
    "integrations:configure": _ADMIN,
    "integrations:read_credentials": _ADMIN,
    "permissions:manage": _ADMIN,
    "phone_numbers:view": _EVERYBODY,
    "phone_numbers:assign": _MANAGERS,
    "phone_numbers:configure": _ADMIN,
    "email_accounts:view": _EVERYBODY,
    "email_accounts:configure": _ADMIN,
    "email_accounts:poll": _MANAGERS,
    "email_templates:view": _EVERYBODY,
    "email_templates:configure": _MANAGERS,
    "email_rules:view": _MANAGERS,
    "email_rules:configure": _MANAGERS,
    "auto_replies:view": _EVERYBODY,
    "auto_replies:configure": _MANAGERS,
    "threads:view": _EVERYBODY,
    "threads:update": _EVERYBODY,
    "messages:send": _EVERYBODY,
    "customers:view": _EVERYBODY,
    "customers:update": _EVERYBODY,
    "customers:merge": _MANAGERS,
    "team:view": _MANAGERS,
    "team:manage": _ADMIN,
    "audit:view": _MANAGERS,
    "encryption:rotate": _ADMIN,
    "status:view": _EVERYBODY,
    "diagnostics:view": _MANAGERS,
    "realtime:listen": _EVERYBODY,
}
"""The roles that hold each permission. A permission is `<area>:<verb>`."""


def require(actor: Actor, permission: str) -> None:
    """Let the actor pass. Raises NotPermitted naming the role that is missing, in the guide's words."""
    roles = PERMISSIONS[permission]
    if actor.role not in roles:
        wanted = next(role for role in ("agent", "manager", "admin") if role in roles)
        raise NotPermitted(f"User does not have {wanted} role", permission=permission, role=actor.role)
