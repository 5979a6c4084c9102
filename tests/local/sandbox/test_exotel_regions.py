"""The product's own test of an account, against the simulated Exotel in both of its regions."""

import pytest

from banxway.app import App
from banxway.errors import ProviderDenied, WrongRegion
from banxway.services.integrations.checks import IntegrationChecks
from banxway.settings import Settings
from tests.support.running.sandbox import SandboxClient

SETTINGS = {
    "exotel_phone": {"virtual_number": "01141169368"},
    "exotel_whatsapp": {"whatsapp_number": "+911141169368"},
    "exotel_sms": {"sms_number": "01141169368"},
}


@pytest.fixture
def checks(client: SandboxClient) -> IntegrationChecks:
    app = App(
        Settings(
            exotel_api_url=client.sandbox.exotel_url,
            exotel_mumbai_api_url=client.sandbox.exotel_mumbai_url,
            encryption_master_key="a" * 43 + "=",
        )
    )
    return app.integrations.checks


def secrets(region: str, token: str = "demo-token") -> dict[str, str]:
    return {"account_sid": "banxway_demo1", "api_key": "demo-key", "api_token": token, "region": region}


@pytest.mark.parametrize("kind", SETTINGS)
@pytest.mark.parametrize(("home", "elsewhere"), [("singapore", "mumbai"), ("mumbai", "singapore")])
def test_an_account_works_at_home_and_says_where_that_is(
    client: SandboxClient, checks: IntegrationChecks, kind: str, home: str, elsewhere: str
) -> None:
    client.control("PATCH", "/accounts/banxway_demo1", {"region": home})

    found = checks.run(kind, secrets=secrets(home), settings=SETTINGS[kind])
    with pytest.raises(WrongRegion, match=f"{home.title()} region: set region to {home}") as raised:
        checks.run(kind, secrets=secrets(elsewhere), settings=SETTINGS[kind])

    assert found.model_dump()["account_verified"] is True
    assert raised.value.details["field"] == "region"
    assert raised.value.details["fix"].startswith("Save the integration again with region set to the other")


def test_a_wrong_token_is_wrong_in_both(checks: IntegrationChecks) -> None:
    with pytest.raises(ProviderDenied, match="Invalid credentials") as raised:
        checks.run("exotel_phone", secrets=secrets("mumbai", "wrong"), settings=SETTINGS["exotel_phone"])

    assert raised.value.code == "provider_denied"


def test_an_account_that_may_do_nothing_at_home_is_still_found_there(
    client: SandboxClient, checks: IntegrationChecks
) -> None:
    client.control("PATCH", "/accounts/banxway_demo1", {"region": "mumbai", "status": "suspended"})

    with pytest.raises(WrongRegion):
        checks.run("exotel_phone", secrets=secrets("singapore"), settings=SETTINGS["exotel_phone"])
