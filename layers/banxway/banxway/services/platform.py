"""Checks whether the deployment can work, and migrates its database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from banxway.errors import SettingsError, Unavailable
from banxway.log import get_logger
from banxway.models.status.configuration import Health
from banxway.storage import migrator
from banxway.storage.blobs import files
from banxway.storage.database import Database


class Platform:
    """The deployment itself."""

    def __init__(
        self,
        database: Database,
        *,
        blob_folder: str | None,
        environment: str,
        owner_url: Callable[[], str],
        app_url: str | None,
    ) -> None:
        self._database = database
        self._blob_folder = blob_folder
        self._environment = environment
        self._owner_url = owner_url
        self._app_url = app_url

    def check_health(self) -> Health:
        """Return whether the database has this release's schema and blobs can be stored. Never raises."""
        expected = len(migrator.migration_names())
        applied, reason = 0, "ok"
        try:
            with self._database.system(timeout_ms=2000) as transaction:
                applied = migrator.count_applied(transaction)
        except (Unavailable, SettingsError) as error:
            reason = str(error)
        storage = self._storage()
        works = reason == storage == "ok" and applied >= expected
        if not works:
            get_logger().error("not healthy", database=reason, storage=storage, migrations_applied=applied)
        return Health(
            status="ok" if works else "degraded",
            database=reason,
            storage=storage,
            migrations_applied=applied,
            migrations_expected=expected,
            environment=self._environment,
        )

    def _storage(self) -> str:
        """Return "ok", or why no blob can be stored; a bucket is never full."""
        return (self._blob_folder and files.full_disk(Path(self._blob_folder))) or "ok"

    def migrate(self) -> dict[str, Any]:
        """Apply the missing migrations; return {"applied": [names], "already": count}."""
        return migrator.migrate(self._owner_url(), app_url=self._app_url)
