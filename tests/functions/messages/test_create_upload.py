"""Announcing a file, sending it to the store, and claiming it for a message."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.hostile.blob_gateway import gateway_of, path_of
from tests.support.product.matching import A_UUID
from tests.support.timing.database_times import now_of

PATH = "/api/v1/communications/uploads"
FILE = {"filename": "Invoice 1234.pdf", "content_type": "application/pdf", "size_bytes": 11}
TWENTY_MB = 20 * 1024 * 1024


def instant(text):
    return datetime.fromisoformat(text)


def test_an_announced_file_gets_a_place_to_go(bundle, organization):
    before, noted = datetime.now(UTC).replace(microsecond=0), now_of(bundle.database)
    answer = bundle.post(PATH, organization.agent, FILE)
    after = datetime.now(UTC)

    assert answer.status == 201
    assert (
        answer.data.items()
        >= {
            "upload_id": A_UUID,
            "filename": "Invoice 1234.pdf",
            "method": "PUT",
            "headers": {"Content-Type": "application/pdf"},
        }.items()
    )
    assert answer.data["url"].startswith("https://blobs.test/")
    assert before <= instant(answer.data["expires_at"]) - timedelta(minutes=15) <= after
    assert noted <= instant(answer.data["usable_until"]) - timedelta(hours=24) <= now_of(bundle.database)


def test_what_is_sent_there_is_kept_encrypted_under_its_id(bundle, organization, tmp_path):
    upload = bundle.post(PATH, organization.agent, FILE).data

    with gateway_of(bundle.settings) as client:
        sent = client.put(path_of(upload["url"]), content=b"hello world", headers=upload["headers"])

    assert sent.status_code == 200
    (kept,) = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert kept.name == upload["upload_id"]
    assert b"hello" not in kept.read_bytes()


@pytest.mark.parametrize("size", [TWENTY_MB + 1, 10**12], ids=["a byte too much", "a terabyte"])
def test_a_file_over_the_limit_is_refused_before_anything_is_uploaded(bundle, organization, size):
    answer = bundle.post(PATH, organization.agent, FILE | {"size_bytes": size})

    assert answer.status == 413
    assert answer.json["code"] == "too_large"
    assert answer.json["details"] == {"field": "size_bytes", "limit_bytes": TWENTY_MB}
    assert bundle.database.rows("SELECT FROM uploads WHERE organization_id = %s", (organization.id,)) == []


def test_twenty_megabytes_are_not_too_much(bundle, organization):
    assert bundle.post(PATH, organization.agent, FILE | {"size_bytes": TWENTY_MB}).status == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size_bytes": 0}, "size_bytes"),
        ({"size_bytes": -1}, "size_bytes"),
        ({"filename": ""}, "filename"),
        ({"filename": "a\r\nBcc: x@y.example"}, "filename"),
        ({"filename": "a" * 256}, "filename"),
        ({"content_type": "text/html\r\nX: y"}, "content_type"),
        ({"content_type": "text/html; charset=utf-8"}, "content_type"),
        ({"content_type": "nonsense"}, "content_type"),
    ],
    ids=["empty", "negative", "no name", "line break", "long name", "injection", "parameters", "no type"],
)
def test_a_field_that_breaks_a_rule_is_named(bundle, organization, change, field):
    answer = bundle.post(PATH, organization.agent, FILE | change)

    assert (answer.status, answer.json["details"]) == (422, {"field": field})


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        (".htaccess", "htaccess"),
        ("in\u200bvoice.pdf", "invoice.pdf"),
    ],
    ids=["a way out", "direction", "dot file", "zero width"],
)
def test_a_name_is_made_safe_before_it_is_kept(bundle, organization, name, shown):
    answer = bundle.post(PATH, organization.agent, FILE | {"filename": name})

    assert answer.data["filename"] == shown
