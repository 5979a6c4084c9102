"""Refuses servers and roles that do not keep organizations apart."""

from typing import TYPE_CHECKING, Any

from banxway.errors import SettingsError
from banxway.reasons import Reason

if TYPE_CHECKING:
    import psycopg

# The minor release of each major that closed CVE-2025-8713 (statistics reveal rows that a policy hides) and the
# older ones. Among these is CVE-2023-2455: a plan cached under one identity was used under another.
_FIRST_SAFE_RELEASE = {15: 150014, 16: 160010, 17: 170006, 18: 180000}

MAY_NOT_BE_SYSTEM = (
    "DATABASE_URL connects as a role that may not work as banxway_system: "
    "run GRANT banxway_system TO banxway_app as an administrator"
)


def refuse_unsafe_server(server_version: int) -> None:
    """Raise SettingsError for a release of PostgreSQL whose row-level security is known to leak rows."""
    major = server_version // 10_000
    if major in _FIRST_SAFE_RELEASE and server_version >= _FIRST_SAFE_RELEASE[major]:
        return
    safe = ", ".join(f"{m}.{v % 10_000}" for m, v in _FIRST_SAFE_RELEASE.items())
    found = f"{major}.{server_version % 10_000}"
    raise SettingsError(
        f"PostgreSQL {found} is not supported: run one of {safe} or a later minor release of it",
        reason=Reason.DATABASE_VERSION,
    )


def refuse_unbound_role(connection: "psycopg.Connection[dict[str, Any]]") -> None:
    """Raise SettingsError for a role that sees more than its scope, or that cannot enter the system scope."""
    row = connection.execute(
        """SELECT current_user AS name, r.rolsuper, r.rolbypassrls,
                  EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                          WHERE n.nspname = 'public' AND c.relowner = r.oid) AS owns,
                  pg_has_role(r.oid, system.oid, 'USAGE') AS inherits_system,
                  pg_has_role(r.oid, system.oid, 'MEMBER') AS may_be_system
           FROM pg_roles r LEFT JOIN pg_roles system ON system.rolname = 'banxway_system'
           WHERE r.rolname = current_user"""
    ).fetchone()
    if row is None or row["rolsuper"] or row["rolbypassrls"] or row["owns"]:
        name = row["name"] if row else "?"
        raise SettingsError(
            f"DATABASE_URL connects as {name}, a role that bypasses row-level security; use banxway_app",
            reason=Reason.DATABASE_WRONG_ROLE,
        )
    if row["inherits_system"]:
        raise SettingsError(
            f"DATABASE_URL connects as {row['name']}, a role that inherits banxway_system and would see rows "
            "of other organizations; see 'Roles made by hand' in docs/operations.md",
            reason=Reason.DATABASE_WRONG_ROLE,
        )
    # None where the role does not exist yet: then the migrations are missing.
    if row["may_be_system"] is False:
        raise SettingsError(MAY_NOT_BE_SYSTEM, reason=Reason.DATABASE_WRONG_ROLE)
