"""Founds companies at a running product, and visits the one that is there from the start."""

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import UUID, uuid4

from tests.support.running.company import Company, ExotelAccount, ask_sandbox, connect_as_superuser
from tests.support.running.runner import Runner
from tests.support.timing.waiting import PATIENCE_S

_COMPANIES = itertools.count(1)


def be_patient(runner: Runner) -> None:
    """Let the simulated Exotel wait for our receivers for as long as a busy machine may need to start them."""
    ask_sandbox(runner, "/settings", {"timeout": PATIENCE_S})


@contextmanager
def open_company(runner: Runner) -> Iterator[Company]:
    """Found a company for one test, whose agent may send; nothing of it meets another's."""
    number = next(_COMPANIES)
    organization_id = uuid4()
    people = {role: (uuid4(), f"{role}@company{number}.example") for role in ("admin", "manager", "agent")}
    with connect_as_superuser(runner) as connection:
        connection.execute(
            "INSERT INTO organizations (id, name) VALUES (%s, %s)", (organization_id, f"Company {number}")
        )
        for role, (user_id, email) in people.items():
            connection.execute(
                "INSERT INTO users (id, organization_id, email, name, role, subject)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (user_id, organization_id, email, role.title(), role, str(user_id)),
            )
        for integration_type in ("exotel_whatsapp", "zoho_mail"):
            connection.execute(
                "INSERT INTO user_integration_permissions"
                " (id, organization_id, user_id, integration_type, can_use) VALUES (%s, %s, %s, %s, true)",
                (uuid4(), organization_id, people["agent"][0], integration_type),
            )
    mailbox = {"email": f"support@company{number}.example", "password": "apppassword"}
    ask_sandbox(runner, "/mail/mailboxes", mailbox)
    exotel = _open_exotel_account(runner, number)
    company = Company(runner, organization_id=organization_id, people=people, exotel=exotel, mailbox=mailbox)
    with closing(company):
        yield company


@contextmanager
def visit_demo(runner: Runner) -> Iterator[Company]:
    """Visit the demo organization, whose Exotel account and mailbox are there after every start."""
    users = {user["email"]: user for user in runner.info["demo_users"]}
    people = {role: f"{role}@banxway.local" for role in ("admin", "manager", "agent")}
    account = runner.info["exotel_accounts"][0]
    company = Company(
        runner,
        organization_id=UUID(users[people["admin"]]["organization_id"]),
        people={role: (UUID(users[email]["id"]), email) for role, email in people.items()},
        exotel=ExotelAccount(
            {name: account[name] for name in ("account_sid", "api_key", "api_token")},
            account["virtual_number"],
            account["whatsapp_number"],
            account["waba_id"],
        ),
        mailbox=runner.info["mailboxes"][0],
    )
    with closing(company):
        yield company


def _open_exotel_account(runner: Runner, number: int) -> ExotelAccount:
    name = f"company{number}x"
    account = ExotelAccount(
        {"account_sid": name, "api_key": f"{name}-key", "api_token": f"{name}-token"},
        virtual_number=f"0114{number:07d}",
        whatsapp_number=f"+9180{number:08d}",
        waba_id=f"2000000000{number}",
    )
    demo = ask_sandbox(runner, "/accounts")["accounts"][0]
    settings = {
        **account.credentials,
        "numbers": [{"phone_number": account.virtual_number, "friendly_name": "Main Line"}],
        "whatsapp_numbers": [account.whatsapp_number],
        "waba_id": account.waba_id,
        "templates": demo["templates"],
    }
    ask_sandbox(runner, "/accounts", settings)
    return account
