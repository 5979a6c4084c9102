"""make migrate: apply the migrations of this release that a database lacks.

Works on the running local product (which also applies them at its start), or on the database of OWNER_DATABASE_URL.
"""

import argparse
import sys

from local.function_files import add_layer_to_path
from local.operators.deployment import LOCAL_URL, Addresses, NotPossible, addresses


def apply_missing(found: Addresses) -> list[str]:
    """Apply the missing migrations and return what was done, line by line. Raises what the migrator raises."""
    from banxway.storage.migrator import migrate

    if found.owner is None:
        raise NotPossible(
            "Give OWNER_DATABASE_URL: migrations run as the owner, and DATABASE_URL is banxway_app's"
        )
    migrated = migrate(found.owner, app_url=found.app)
    applied = [f"applied {name}" for name in migrated["applied"]]
    total = len(applied) + migrated["already"]
    return [*applied, f"{total} migrations are applied, {len(applied)} of them now"]


def main(arguments: list[str] | None = None) -> int:
    """Migrate, print what was done, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make migrate", description=__doc__)
    parser.add_argument("--url", default=LOCAL_URL, help="the local product to ask for addresses")
    given = parser.parse_args(arguments)
    add_layer_to_path()
    from banxway.errors import SettingsError, Unavailable

    try:
        print("\n".join(apply_missing(addresses(given.url))))
    except (NotPossible, SettingsError, Unavailable) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
