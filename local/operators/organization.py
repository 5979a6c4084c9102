"""make organization NAME='…' ADMIN=admin@…: create an organization, and invite its first admin.

It needs the address of the tables' owner and nothing else: OWNER_DATABASE_URL, or the running local product's. Given
the same twice, it creates nothing and sends the invitation again. CONSOLE_ORIGIN names where people sign in, and
COGNITO_USER_POOL_ID the user pool that mails the invitation.
"""

import argparse
import json
import os
import sys
from typing import Any

from local.function_files import add_layer_to_path
from local.operators.deployment import LOCAL_URL, Addresses, NotPossible, addresses


def create(found: Addresses, name: str, admin: str, *, local_url: str) -> list[str]:
    """Create the organization, and return what was done and what comes next, line by line.

    Raises NotPossible for what is no organization, and what the creation raises.
    """
    from banxway.app import App
    from banxway.entrypoints.reading import JsonBody
    from banxway.entrypoints.validating import validated
    from banxway.errors import BanxwayError
    from banxway.models.organizations import OrganizationToCreate
    from banxway.settings import Settings

    if found.owner is None:
        raise NotPossible(
            "Give OWNER_DATABASE_URL: an organization is created as the owner, and DATABASE_URL is banxway_app's"
        )
    here = local_url if found.state is not None else None
    environment = {**os.environ, "OWNER_DATABASE_URL": found.owner}
    if here:
        environment["CONSOLE_ORIGIN"] = here
    app = App(Settings.from_environment(environment))
    try:
        content = JsonBody.read(json.dumps({"name": name, "admin": admin}).encode())
        created = app.organizations.creation.create(validated(OrganizationToCreate, content))
    except BanxwayError as error:
        raise NotPossible(error.message) from error
    return _lines(created, here)


def _lines(created: Any, local_url: str | None) -> list[str]:
    organization = f"organization {created.organization_id}  {created.name}"
    until = created.invitation_expires_at.strftime("%Y-%m-%d %H:%M UTC")
    lines = [
        f"created {organization}" if created.is_new else f"nothing was created: there is {organization}",
        f"invited {created.admin} as its admin, until {until}",
    ]
    if created.delivery == "mail":
        return [*lines, "the sign-in service has mailed the invitation"]
    if local_url is not None:
        command = f'curl -s {local_url}/local/token -d \'{{"email": "{created.admin}"}}\''
        return [*lines, f"the admin's session token: {command}"]
    where = created.sign_in_url or "the console"
    return [*lines, f"nothing was mailed: let the admin sign in at {where} with this address"]


def main(arguments: list[str] | None = None) -> int:
    """Create the organization, print what was done, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make organization", description=__doc__)
    parser.add_argument("--url", default=LOCAL_URL, help="the local product to ask for addresses")
    parser.add_argument("--name", default="", help="the organization's name")
    parser.add_argument("--admin", default="", help="the address of its first admin")
    given = parser.parse_args(arguments)
    add_layer_to_path()
    from banxway.errors import SettingsError

    if not given.name or not given.admin:
        print("Give both: make organization NAME='Asha Traders' ADMIN=asha@example.com", file=sys.stderr)
        return 2
    try:
        print("\n".join(create(addresses(given.url), given.name, given.admin, local_url=given.url)))
    except (NotPossible, SettingsError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
