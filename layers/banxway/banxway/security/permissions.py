"""The table of permissions and the roles that have them; every endpoint checks an actor against it."""

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
    "team:view_own": _EVERYBODY,
    "team:update_own": _EVERYBODY,
    "organizations:view": _EVERYBODY,
    "organizations:update": _ADMIN,
    "audit:view": _MANAGERS,
    "encryption:rotate": _ADMIN,
    "status:view": _EVERYBODY,
    "diagnostics:view": _MANAGERS,
    "webhooks:view": _MANAGERS,
    "webhooks:replay": _ADMIN,
    "dead_letters:view": _MANAGERS,
    "dead_letters:settle": _ADMIN,
    "realtime:listen": _EVERYBODY,
}
"""The roles that have each permission. A permission is `<area>:<verb>`."""


def require(actor: Actor, permission: str) -> None:
    """Require that the actor's role has the permission.

    Raises NotPermitted, which names the lowest role that has it, worded as in the guide.
    """
    roles = PERMISSIONS[permission]
    if actor.role not in roles:
        wanted = next(role for role in ("agent", "manager", "admin") if role in roles)
        raise NotPermitted(f"User does not have {wanted} role", permission=permission, role=actor.role)


def permissions_of(role: str) -> list[str]:
    """Return the permissions that a role has, by name."""
    return sorted(permission for permission, roles in PERMISSIONS.items() if role in roles)
