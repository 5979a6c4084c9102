"""Whether the deployment can work."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from banxway.storage import files
from banxway.storage.migrator import migration_names
from tests.support.app import Bundle

EXPECTED = len(migration_names())


@pytest.mark.parametrize("path", ["/health", "/api/v1/health"])
def test_a_working_deployment_says_so_to_anybody(bundle, path):
    answer = bundle.request("GET", path)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": {
            "status": "ok",
            "database": "ok",
            "storage": "ok",
            "migrations_applied": EXPECTED,
            "migrations_expected": EXPECTED,
            "environment": "local",
        },
    }


def test_a_database_that_does_not_answer_is_503_with_the_reason(bundle):
    nowhere = bundle.database.app_url.replace(bundle.database.name, "no_such_database")
    stranded = bundle.twin(database_url=nowhere)

    answer = stranded.request("GET", "/health")

    assert answer.status == 503
    assert answer.json["success"] is False
    assert answer.json["data"]["status"] == "degraded"
    assert answer.json["data"]["database"] == "The database does not answer; try again shortly"
    assert "secret" not in answer.text


def test_a_full_disk_is_503_with_the_reason(bundle, monkeypatch):
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: SimpleNamespace(free=3_000_000))

    answer = bundle.request("GET", "/health")

    assert (answer.status, answer.json["data"]["status"]) == (503, "degraded")
    assert answer.json["data"]["storage"] == "The disk is full: 3 MB are free, less than 20 MB"
    assert answer.json["data"]["database"] == "ok"


def test_what_is_not_healthy_leaves_a_line_in_the_log(bundle, monkeypatch, capsys):
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))

    bundle.request("GET", "/health")

    (line,) = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert (line["level"], line["message"]) == ("ERROR", "not healthy")
    assert line["storage"].startswith("The disk is full")


def test_a_schema_that_is_behind_is_degraded(lone_bundle):
    take_away = "DELETE FROM schema_migrations WHERE migration_name = '006_integrations.sql'"
    lone_bundle.database.rows(take_away)
    try:
        answer = lone_bundle.request("GET", "/health")
    finally:
        lone_bundle.database.rows(
            "INSERT INTO schema_migrations (migration_name) VALUES ('006_integrations.sql')"
        )

    assert (answer.status, answer.json["data"]["migrations_applied"]) == (503, EXPECTED - 1)


def test_a_role_that_row_security_does_not_bind_is_refused(bundle):
    owned = Bundle(
        bundle.database,
        replace(bundle.settings, database_url=bundle.database.owner_url),
        bundle.providers,
        bundle.frames,
    )

    answer = owned.request("GET", "/health")

    assert answer.status == 503
    assert "row-level security" in answer.json["data"]["database"]
