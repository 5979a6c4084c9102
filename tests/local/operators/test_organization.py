"""`make organization`: a deployer with the owner's address, and nothing else, creates an organization."""

import re
from collections.abc import Callable

import pytest

from local.operators import organization
from tests.support.databases.postgres import TestDatabase

Run = Callable[..., tuple[int, str, str]]
ASHA = ("--name", "Asha Traders", "--admin", "asha@customer.example")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_it(*arguments: str) -> tuple[int, str, str]:
        return organization.main(list(arguments)), *capsys.readouterr()

    return run_it


@pytest.fixture
def owner(test_database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> TestDatabase:
    """A deployment whose owner's address and console are known, and nothing else."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("OWNER_DATABASE_URL", test_database.owner_url)
    monkeypatch.setenv("CONSOLE_ORIGIN", "https://console.test")
    return test_database


def test_it_prints_the_organization_the_invitation_and_what_comes_next(run: Run, owner: TestDatabase) -> None:
    code, printed, complaint = run(*ASHA)

    ((found,), (admin,)) = (owner.rows(f"SELECT * FROM {table}") for table in ("organizations", "users"))
    until = admin["invitation_expires_at"].strftime("%Y-%m-%d %H:%M UTC")
    assert (code, complaint) == (0, "")
    assert printed.splitlines() == [
        f"created organization {found['id']}  Asha Traders",
        f"invited asha@customer.example as its admin, until {until}",
        "nothing was mailed: let the admin sign in at https://console.test with this address",
    ]
    assert (admin["organization_id"], admin["role"], admin["is_active"]) == (found["id"], "admin", False)


def test_the_same_again_says_what_there_is(run: Run, owner: TestDatabase) -> None:
    first, second = run(*ASHA), run(*ASHA)

    (found,) = owner.rows("SELECT id FROM organizations")
    assert first[1].splitlines()[0] == f"created organization {found['id']}  Asha Traders"
    assert (
        second[1].splitlines()[0] == f"nothing was created: there is organization {found['id']}  Asha Traders"
    )


def test_once_the_admin_has_signed_in_the_same_is_refused_with_the_id(run: Run, owner: TestDatabase) -> None:
    run(*ASHA)
    owner.rows("UPDATE users SET subject = 'asha', is_active = true, invitation_expires_at = NULL")

    code, printed, complaint = run(*ASHA)

    (found,) = owner.rows("SELECT id FROM organizations")
    assert (code, printed) == (2, "")
    assert complaint == (
        f"Asha Traders exists already, with the id {found['id']}, and asha@customer.example is a member of it\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), r"Give both: make organization NAME='Asha Traders' ADMIN=asha@example\.com"),
        (("--name", "Asha"), r"Give both: .*"),
        (("--name", "Asha", "--admin", "asha"), r"admin must be an email address, such as .*"),
        (("--name", "=1", "--admin", "asha@customer.example"), r"name must not begin with .*"),
    ],
    ids=str,
)
def test_what_is_no_organization_is_refused(
    run: Run, owner: TestDatabase, arguments: tuple[str, ...], sentence: str
) -> None:
    code, printed, complaint = run(*arguments)

    assert (code, printed) == (2, "")
    assert re.fullmatch(f"{sentence}\n", complaint)
    assert owner.rows("SELECT FROM organizations") == []


def test_without_the_owners_address_it_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OWNER_DATABASE_URL", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://banxway_app@db.example/banxway")

    code, printed, complaint = run(*ASHA)

    assert (code, printed) == (2, "")
    assert complaint.startswith("Give OWNER_DATABASE_URL")


def test_the_applications_role_is_no_owner(
    run: Run, owner: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWNER_DATABASE_URL", owner.app_url)

    assert run(*ASHA) == (2, "", "OWNER_DATABASE_URL does not connect as the owner of the tables\n")


def test_a_database_without_the_product_is_named(
    run: Run, owner: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.rows("DROP TABLE organizations CASCADE")

    assert run(*ASHA) == (2, "", "The database has no tables of this product: run the migrations\n")
