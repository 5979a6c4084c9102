"""The audit trail as a file."""

import base64
import csv
import gzip
import io
import json

import pytest

from banxway.storage.audit import trail as audit
from tests.support.databases.tampering import tamper
from tests.support.product.app import Answer
from tests.support.product.stories import PHONE, configure

PATH = "/api/v1/settings/audit-logs/export"
COLUMNS = ["sequence", "created_at", "user_id", "integration_type", "action", "status", "details"]


def read(answer: Answer) -> list[list[str]]:
    assert answer.status == 200, answer.text
    return list(csv.reader(io.StringIO(answer.text, newline="")))


def write(bundle, organization, **entry):
    with bundle.app.infrastructure.database.organization(organization.id) as transaction:
        audit.append(
            transaction,
            **{"organization_id": organization.id, "action": "x", "succeeded": True, "details": {}, **entry},
        )


def test_every_entry_is_a_line_the_newest_first(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.post("/api/v1/settings/integrations/exotel_phone/test", organization.admin, PHONE)
    listed = bundle.get("/api/v1/settings/audit-logs", organization.manager).data

    answer = bundle.get(PATH, organization.manager)

    header, *lines = read(answer)
    assert header == COLUMNS
    assert [line[0] for line in lines] == [str(entry["sequence"]) for entry in listed]
    assert lines[0][1] == listed[0]["created_at"]
    assert lines[0][2:6] == [str(organization.admin), "exotel_phone", "integration.test", "success"]
    assert [json.loads(line[6]) for line in lines] == [entry["details"] for entry in listed]


def test_it_is_a_file_to_save_and_not_to_show(bundle, organization):
    answer = bundle.get(PATH, organization.admin)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-log.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Truncated"] == "false"
    assert answer.text == ",".join(COLUMNS) + "\r\n"


def test_quotes_commas_and_line_breaks_survive_reading_it_again(bundle, organization):
    said = {"note": 'He said "no", then\r\nleft; नमस्ते'}
    write(bundle, organization, action='a,"b"\nc', details=said)

    answer = bundle.get(PATH, organization.admin)

    (line,) = read(answer)[1:]
    assert line[4] == 'a,"b"\nc'
    assert json.loads(line[6]) == said
    assert answer.text.endswith("\r\n")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", '=HYPERLINK("http://x","y")', "＝1", "＠x"]
)
def test_no_cell_is_taken_for_a_formula(bundle, organization, cell):
    write(bundle, organization, action=cell, integration_type=cell)

    (line,) = read(bundle.get(PATH, organization.admin))[1:]

    assert (line[3], line[4]) == (f"'{cell}", f"'{cell}")


def test_the_lists_filters_are_the_files(bundle, organization):
    for action in ("a", "b", "a"):
        write(bundle, organization, action=action, user_id=organization.agent)
    write(bundle, organization, action="a", succeeded=False)

    lines = read(
        bundle.get(f"{PATH}?action=a&status=success&user_id={organization.agent}", organization.admin)
    )

    assert [line[0] for line in lines[1:]] == ["3", "1"]


def test_more_than_fifty_thousand_entries_are_cut_off_and_it_says_where(bundle, organization):
    tamper(
        bundle.database,
        f"""INSERT INTO integration_audit_logs (id, organization_id, action, status, sequence, previous_hash, hash)
            SELECT gen_random_uuid(), '{organization.id}', 'integration.test', 'success', number, '', ''
            FROM generate_series(1, 50003) AS number""",
    )

    answer = bundle.request("GET", PATH, user=organization.admin, headers={"accept-encoding": "gzip, br"})

    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert len(answer.text) < 6_000_000
    text = gzip.decompress(base64.b64decode(answer.text)).decode()
    sequences = [int(line[0]) for line in list(csv.reader(io.StringIO(text, newline="")))[1:]]
    assert sequences == list(range(50_003, 3, -1))
    assert answer.headers["X-Truncated"] == "true"
    cursor = answer.headers["X-Next-Cursor"]
    rest = read(bundle.get(f"{PATH}?cursor={cursor}", organization.admin))
    assert [line[0] for line in rest[1:]] == ["3", "2", "1"]


def test_a_file_too_large_for_one_answer_is_refused_with_what_to_do(bundle, organization):
    write(bundle, organization, details={"note": "x" * 6_000_000})

    answer = bundle.get(PATH, organization.admin)

    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert answer.json["error"].endswith("narrow the filters, or accept gzip")


@pytest.mark.parametrize("offered", ["", "identity", "gzip;q=0", "br, gzip; q=0"])
def test_a_client_that_does_not_accept_gzip_gets_plain_text(bundle, organization, offered):
    write(bundle, organization, details={"note": "x" * 120_000})

    answer = bundle.request("GET", PATH, user=organization.admin, headers={"accept-encoding": offered})

    assert "Content-Encoding" not in answer.headers
    assert len(read(answer)) == 2


def test_agents_and_other_organizations_get_nothing(bundle, organization):
    write(bundle, organization, action="mine")
    other = bundle.database.add_organization("Other")

    assert bundle.get(PATH, organization.agent).status == 403
    assert "mine" not in bundle.get(PATH, other.admin).text
