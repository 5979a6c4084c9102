from collections.abc import Callable

import pytest

from banxway.errors import ProviderDenied, ProviderRejected, ProviderTimeout
from banxway.providers.exotel.voice import ExotelVoice
from tests.banxway.providers.contracts.voice_account import VoiceAccountContract
from tests.support.ledger.exotel_accounts import failure
from tests.support.servers.scripted_http import Reply, Request, answer

Scripted = Callable[..., tuple]

CALLS = answer(200, {"Metadata": {"Total": 0}, "Calls": []}, then="keep")


def numbers(*items: dict, **paging: int) -> Reply:
    return answer(200, {"incoming_phone_numbers": list(items), **paging}, then="keep")


def a_number(spelled: str, **facts) -> dict:
    return {"sid": f"sid-{spelled}", "phone_number": spelled, "friendly_name": spelled} | facts


class TestContract(VoiceAccountContract):
    @pytest.fixture
    def account_owning(self, scripted: Scripted):
        def make(number: str, *, knows_us: bool = True) -> ExotelVoice:
            def reply(request: Request) -> Reply:
                if not knows_us:
                    return answer(401, {"RestException": {"Status": 401, "Message": "Authentication failed"}})
                return CALLS if "/Calls.json" in request.target else numbers(a_number(number))

            return ExotelVoice(scripted(reply)[0])

        return make


def test_the_check_costs_one_listed_call_and_one_list_of_numbers(scripted: Scripted):
    client, server = scripted(CALLS, numbers(a_number("08047100100"), page=0, page_size=50))

    ExotelVoice(client).check(virtual_number="8047100100")

    assert [(r.method, r.target) for r in server.requests] == [
        ("GET", "/v1/Accounts/acme1/Calls.json?PageSize=1"),
        ("GET", "/v2_beta/Accounts/acme1/IncomingPhoneNumbers"),
    ]


def test_an_unknown_number_carries_the_guides_status(scripted: Scripted):
    client, _ = scripted(CALLS, numbers(a_number("08047100100")))

    with pytest.raises(ProviderRejected, match="Virtual number not found") as raised:
        ExotelVoice(client).check(virtual_number="08047100199")

    assert raised.value.provider_status == 422


def test_a_number_without_voice_is_owned_but_not_enabled(scripted: Scripted):
    without_voice = a_number("08047100100", capabilities={"voice": False, "sms": True})
    client, _ = scripted(CALLS, numbers(without_voice))

    check = ExotelVoice(client).check(virtual_number="+918047100100")

    assert (check.virtual_number_active, check.voice_enabled) == (True, False)


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (answer(403, failure(403, 1003, "Account inactive")), ProviderDenied, "Account inactive"),
        (answer(403, failure(403, 1003, "Voice not enabled")), ProviderDenied, "Voice not enabled"),
        (answer(404, b"nothing here"), ProviderRejected, "Invalid Account SID"),
        (Reply(b"", then="hang"), ProviderTimeout, "Network timeout"),
    ],
    ids=["suspended", "no_voice", "wrong_account", "silent"],
)
def test_each_failure_of_the_check_has_its_own_error(
    scripted: Scripted, reply: Reply, error: type, message: str
):
    client, _ = scripted(reply)

    with pytest.raises(error, match=message):
        ExotelVoice(client).check(virtual_number="08047100100")


@pytest.mark.parametrize(
    "payload",
    [
        {"incoming_phone_numbers": [a_number("08047100100", capabilities={"voice": True, "sms": "true"})]},
        {
            "IncomingPhoneNumbers": [
                {
                    "Sid": "sid-08047100100",
                    "PhoneNumber": "08047100100",
                    "FriendlyName": "08047100100",
                    "Capabilities": {"Voice": "true", "SMS": True},
                }
            ]
        },
        {
            "IncomingPhoneNumber": {
                "Sid": "sid-08047100100",
                "PhoneNumber": "08047100100",
                "Capabilities": {"Voice": True, "SMS": True},
            }
        },
        {
            "IncomingPhoneNumbers": [
                {"IncomingPhoneNumber": a_number("08047100100", capabilities={"voice": 1, "sms": 1})}
            ]
        },
    ],
    ids=["snake_case", "pascal_case", "a_single_one", "wrapped"],
)
def test_a_number_is_read_in_every_shape_that_was_seen(scripted: Scripted, payload: dict):
    client, _ = scripted(answer(200, payload))

    (number,) = ExotelVoice(client).list_numbers()

    assert (number.provider_sid, number.phone_number, number.e164) == (
        "sid-08047100100",
        "08047100100",
        "+918047100100",
    )
    assert (number.display_name, number.number_type) == ("08047100100", "virtual")
    assert (number.can_call, number.can_sms) == (True, True)


@pytest.mark.parametrize(
    ("item", "number_type"),
    [
        (a_number("08047100100"), "virtual"),
        (a_number("08047100100", type="TollFree"), "toll-free"),
        (a_number("1800 208 8888"), "toll-free"),
        (a_number("08047100100", type="Landline"), "virtual"),
    ],
    ids=["plain", "stated", "by_its_prefix", "landline"],
)
def test_a_toll_free_number_is_recognised(scripted: Scripted, item: dict, number_type: str):
    client, _ = scripted(numbers(item))

    assert ExotelVoice(client).list_numbers()[0].number_type == number_type


def test_full_pages_are_followed_until_one_is_not_full(scripted: Scripted):
    pages = [["0804710010", "0804710011"], ["0804710012", "0804710013"], ["0804710014"]]
    replies = [
        numbers(*(a_number(f"{each}0") for each in page), page=at, page_size=2)
        for at, page in enumerate(pages)
    ]
    client, server = scripted(*replies)

    found = ExotelVoice(client).list_numbers()

    assert [n.phone_number for n in found] == [f"{each}0" for page in pages for each in page]
    assert [r.target.partition("?")[2] for r in server.requests] == ["", "page=1", "page=2"]


def test_a_server_that_ignores_the_page_is_not_asked_for_ever(scripted: Scripted):
    client, server = scripted(numbers(a_number("08047100100"), a_number("08047100101"), page=0, page_size=2))

    assert len(ExotelVoice(client).list_numbers()) == 2
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "payload",
    [{}, {"incoming_phone_numbers": None}, {"incoming_phone_numbers": ["x", None, {}, {"phone_number": ""}]}],
    ids=["nothing", "null", "rubbish"],
)
def test_an_answer_without_numbers_lists_none(scripted: Scripted, payload: dict):
    client, _ = scripted(answer(200, payload))

    assert ExotelVoice(client).list_numbers() == []


@pytest.mark.parametrize(
    ("reply", "is_known"),
    [
        (CALLS, True),
        (answer(403, {"RestException": {"Status": 403, "Message": "Voice not enabled"}}), True),
        (answer(401, {"RestException": {"Status": 401, "Message": "Authentication failed"}}), False),
        (answer(404, {"RestException": {"Status": 404, "Message": "Account not found"}}), False),
        (answer(500, {}), False),
    ],
    ids=["answers", "known but not allowed", "unknown credentials", "unknown account", "down"],
)
def test_an_account_is_known_where_its_credentials_are(scripted: Scripted, reply: Reply, is_known: bool):
    client, _ = scripted(reply)

    assert ExotelVoice(client).is_known() is is_known
