"""Whether the deployment can work."""

import json
from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

import pytest

from banxway.storage.blobs import files
from banxway.storage.migrator import migration_names
from tests.support.product.app import Bundle

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


@pytest.mark.parametrize(
    ("part", "instead", "sentence", "reason"),
    [
        ("host=", "host=/nowhere", "The database does not answer; try again shortly", "database_unreachable"),
        (
            ":right@",
            ":wrong@",
            "The database refuses the password in DATABASE_URL",
            "database_wrong_password",
        ),
        ("/test_", "/no_such_", "There is no database of the name in DATABASE_URL", "database_not_found"),
    ],
    ids=["silent", "wrong password", "wrong name"],
)
def test_a_database_that_cannot_be_used_is_503_with_the_reason(
    bundle, postgres, part, instead, sentence, reason
):
    role = f"guarded_{uuid4().hex[:8]}"
    postgres.demand_a_password(role, "right")
    url = bundle.database.app_url.replace("banxway_app:secret", f"{role}:right")
    stranded = bundle.twin(database_url=url.replace(part, instead))

    answer = stranded.request("GET", "/health")

    assert answer.status == 503
    assert answer.json["success"] is False
    assert answer.json["data"]["status"] == "degraded"
    assert answer.json["data"]["database"] == sentence
    assert answer.json["data"]["reason"] == reason
    assert "right" not in answer.text


def test_a_refused_password_is_the_answer_to_any_request(bundle, organization, postgres):
    role = f"guarded_{uuid4().hex[:8]}"
    postgres.demand_a_password(role, "right")
    url = bundle.database.app_url.replace("banxway_app:secret", f"{role}:wrong")

    answer = bundle.twin(database_url=url).request(
        "GET", "/api/v1/settings/diagnostics", user=organization.admin
    )

    assert (answer.status, answer.json["code"]) == (503, "database_refused")
    assert answer.json["error"] == "The database refuses the password in DATABASE_URL"
    assert "retry-after" in {name.lower() for name in answer.headers}


def test_a_full_disk_is_503_with_the_reason(bundle, monkeypatch):
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: SimpleNamespace(free=3_000_000))

    answer = bundle.request("GET", "/health")

    assert (answer.status, answer.json["data"]["status"]) == (503, "degraded")
    assert answer.json["data"]["storage"] == "The disk is full: 3 MB are free, less than 20 MB"
    assert answer.json["data"]["database"] == "ok"
    assert answer.json["data"]["reason"] == "storage_full"


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
