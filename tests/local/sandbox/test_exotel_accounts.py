"""Who may use the simulated Exotel, and its harmless questions: calls, numbers, templates."""

import xml.etree.ElementTree as ElementTree

import pytest

from tests.support.running.sandbox import SandboxClient
from tests.support.timing.waiting import PATIENCE_S

CALLS = "/v1/Accounts/{sid}/Calls.json?PageSize=1"
SEND = "/v2/accounts/{sid}/messages"


def test_good_credentials_list_the_calls_that_were_added(client: SandboxClient) -> None:
    client.control("POST", "/accounts/banxway_demo1/calls", {"Sid": "c1", "From": "0981", "To": "0982"})

    answer = client.exotel("GET", CALLS)

    assert answer.status_code == 200
    assert answer.json()["Metadata"] == {
        "Total": 1,
        "PageSize": 1,
        "FirstPageUri": "/v1/Accounts/banxway_demo1/Calls?PageSize=1",
        "PrevPageUri": None,
        "NextPageUri": None,
    }
    assert [(call["Sid"], call["Status"]) for call in answer.json()["Calls"]] == [("c1", "completed")]


def test_calls_come_newest_first_by_pages(client: SandboxClient) -> None:
    for number in range(3):
        client.control("POST", "/accounts/banxway_demo1/calls", {"Sid": f"c{number}"})

    first = client.exotel("GET", "/v1/Accounts/{sid}/Calls.json?PageSize=2").json()
    after = first["Metadata"]["NextPageUri"].rpartition("After=")[2]
    second = client.exotel("GET", f"/v1/Accounts/{{sid}}/Calls.json?PageSize=2&After={after}").json()

    assert [call["Sid"] for call in first["Calls"] + second["Calls"]] == ["c2", "c1", "c0"]
    assert second["Metadata"]["NextPageUri"] is None


def test_without_json_in_the_path_the_answer_is_xml(client: SandboxClient) -> None:
    client.control("POST", "/accounts/banxway_demo1/calls", {"Sid": "c1", "From": "A & B"})

    answer = client.exotel("GET", "/v1/Accounts/{sid}/Calls")

    root = ElementTree.fromstring(answer.text)
    assert root.tag == "TwilioResponse"
    assert root.findtext("Calls/Call/From") == "A & B"


@pytest.mark.parametrize(
    "credentials",
    [("demo-key", "wrong"), ("wrong", "demo-token"), ("", "")],
    ids=["wrong token", "wrong key", "nothing"],
)
def test_wrong_credentials_are_refused(client: SandboxClient, credentials: tuple[str, str]) -> None:
    v1 = client.exotel("GET", CALLS, auth=credentials)
    v2 = client.exotel("POST", SEND, auth=credentials, json={})

    assert (v1.status_code, v2.status_code) == (401, 401)
    assert v1.json() == {"RestException": {"Status": 401, "Message": "Authentication failed"}}
    assert v2.json()["response"] == {
        "code": 401,
        "error_data": {
            "code": 1010,
            "message": "Authorization failed",
            "description": "Authorization failed",
        },
        "status": "failure",
        "data": None,
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "suspended"}, "Account inactive"),
        ({"voice_enabled": False}, "Voice not enabled"),
        ({"ip_allowed": False}, "IP not whitelisted"),
    ],
    ids=["suspended", "voice off", "address not listed"],
)
def test_a_known_account_that_may_not_is_forbidden(
    client: SandboxClient, change: dict[str, object], message: str
) -> None:
    client.control("PATCH", "/accounts/banxway_demo1", change)

    answer = client.exotel("GET", CALLS)

    assert answer.status_code == 403
    assert answer.json()["RestException"]["Message"] == message


def test_a_wrong_account_sid_is_not_found_and_somebody_elses_is_forbidden(client: SandboxClient) -> None:
    unknown = client.exotel("GET", "/v1/Accounts/nobody/Calls.json")
    others = client.exotel("GET", "/v1/Accounts/other_co1/Calls.json")

    assert (unknown.status_code, others.status_code) == (404, 403)


def test_the_wrong_region_looks_like_bad_credentials(client: SandboxClient) -> None:
    right = client.exotel("GET", CALLS, headers={"Host": "api.exotel.com"})
    wrong = client.exotel("GET", CALLS, headers={"Host": "api.in.exotel.com"})

    assert (right.status_code, wrong.status_code) == (200, 401)


def test_each_region_has_an_address_of_its_own(client: SandboxClient) -> None:
    path = client.sandbox.exotel_mumbai_url + CALLS.format(sid="banxway_demo1")
    credentials = ("demo-key", "demo-token")

    before = client.session.get(path, auth=credentials, timeout=PATIENCE_S).status_code
    client.control("PATCH", "/accounts/banxway_demo1", {"region": "mumbai"})
    moved = client.session.get(path, auth=credentials, timeout=PATIENCE_S).status_code

    assert (before, moved, client.exotel("GET", CALLS).status_code) == (401, 200, 401)


def test_an_account_can_be_added_and_used(client: SandboxClient) -> None:
    client.control(
        "POST",
        "/accounts",
        {"account_sid": "new1", "api_key": "k", "api_token": "t", "numbers": ["08011112222"]},
    )

    answer = client.exotel("GET", "/v2_beta/Accounts/new1/IncomingPhoneNumbers", auth=("k", "t"))

    assert [each["phone_number"] for each in answer.json()["incoming_phone_numbers"]] == ["08011112222"]


def test_the_control_api_names_an_unknown_field(client: SandboxClient) -> None:
    answer = client.session.patch(
        f"{client.sandbox.exotel_url}/_sandbox/accounts/banxway_demo1",
        json={"colour": "red"},
        timeout=PATIENCE_S,
    )

    assert (answer.status_code, answer.json()) == (400, {"error": "unknown field: colour"})


def test_numbers_show_their_capabilities_and_one_can_be_read_alone(client: SandboxClient) -> None:
    numbers = client.exotel("GET", "/v2_beta/Accounts/{sid}/IncomingPhoneNumbers").json()[
        "incoming_phone_numbers"
    ]
    path = f"/v2_beta/Accounts/{{sid}}/IncomingPhoneNumbers/{numbers[0]['sid']}"

    alone = client.exotel("GET", path)
    missing = client.exotel("GET", "/v2_beta/Accounts/{sid}/IncomingPhoneNumbers/none")

    assert numbers[0]["phone_number"] == "01141169368"
    assert numbers[0]["capabilities"] == {"voice": True, "sms": True}
    assert alone.json() == {"voice_url": None, "sms_url": None, **numbers[0]}
    assert missing.status_code == 404


def test_templates_need_a_waba_id_and_come_by_pages(client: SandboxClient) -> None:
    path = "/v2/accounts/{sid}/templates"
    waba = client.account["waba_id"]

    missing = client.exotel("GET", path)
    first = client.exotel("GET", path, params={"waba_id": waba, "limit": 3}).json()["response"]["whatsapp"]
    after = first["paging"]["cursors"]["after"]
    second = client.exotel("GET", path, params={"waba_id": waba, "limit": 3, "after": after}).json()[
        "response"
    ]

    assert missing.json()["response"]["error_data"]["code"] == 1001
    assert "waba_id" in missing.json()["response"]["error_data"]["description"]
    names = [each["data"]["name"] for each in first["templates"] + second["whatsapp"]["templates"]]
    assert names == ["shipping_update", "order_confirmation", "delivery_reminder", "summer_offer"]
    assert second["whatsapp"]["paging"]["cursors"]["after"] is None


def test_templates_are_found_by_status(client: SandboxClient) -> None:
    query = {"waba_id": client.account["waba_id"], "status": "approved"}

    answer = client.exotel("GET", "/v2/accounts/{sid}/templates", params=query).json()

    items = answer["response"]["whatsapp"]["templates"]
    assert {each["data"]["status"] for each in items} == {"APPROVED"}


def test_a_rate_limit_answers_429_beyond_it(client: SandboxClient) -> None:
    client.control("POST", "/settings", {"rate_limit_per_minute": 2})

    statuses = [client.exotel("GET", CALLS).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
