"""Checks whether the deployment works, and migrates its database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from banxway.errors import SettingsError, Unavailable
from banxway.log import get_logger
from banxway.models.status.configuration import Health
from banxway.reasons import Reason
from banxway.storage import migrator
from banxway.storage.blobs import files
from banxway.storage.database import Database


class Platform:
    """Checks and migrates the deployment."""

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
        """Return whether the database answers and has this release's schema, and blobs can be kept; never raises."""
        expected = len(migrator.migration_names())
        applied, database = 0, "ok"
        reason: Reason | None = None
        try:
            with self._database.system(timeout_ms=2000) as transaction:
                applied = migrator.count_applied(transaction)
        except (Unavailable, SettingsError) as error:
            database, reason = error.message, error.reason or Reason.DATABASE_UNREACHABLE
        # A bucket is never full.
        full = self._blob_folder and files.full_disk(Path(self._blob_folder))
        if reason is None and full:
            reason = Reason.STORAGE_FULL
        elif reason is None and applied < expected:
            reason = Reason.MIGRATION_MISSING
        works, storage = reason is None, full or "ok"
        if not works:
            get_logger().error("not healthy", database=database, storage=storage, migrations_applied=applied)
        return Health(
            status="ok" if works else "degraded",
            database=database,
            storage=storage,
            reason=reason,
            migrations_applied=applied,
            migrations_expected=expected,
            environment=self._environment,
        )

    def migrate(self) -> dict[str, Any]:
        """Apply the missing migrations; return {"applied": [names], "already": count}."""
        return migrator.migrate(self._owner_url(), app_url=self._app_url)
