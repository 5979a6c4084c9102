"""Bringing the database to this release's schema."""

from banxway.storage.migrator import migration_names
from functions.platform.migrate.app import handler
from tests.support.product.app import bundle_of


def test_an_empty_database_gets_every_migration(postgres, tmp_path):
    with postgres.database(migrated=False) as empty, bundle_of(empty, tmp_path) as bundle:
        answer = bundle.call(handler, {})

        assert answer == {"applied": list(migration_names()), "already": 0}
        assert bundle.request("GET", "/health").status == 200


def test_migrating_again_changes_nothing(bundle):
    answer = bundle.call(handler, {})

    assert answer == {"applied": [], "already": len(migration_names())}
