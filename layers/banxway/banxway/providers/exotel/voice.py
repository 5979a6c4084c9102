"""Exotel's phone service: tests the account, and lists its numbers (reference/exotel.md, 4 and 11.1)."""

from typing import Any

from banxway.errors import ProviderDenied, ProviderError
from banxway.models.integrations.checks import PhoneAccountCheck
from banxway.models.phone_numbers import ProviderNumber
from banxway.providers.exotel.answers import as_int, mapping, number_refused
from banxway.providers.exotel.client import ExotelClient
from banxway.providers.exotel.numbers import exotel_e164, same_number
from banxway.reasons import Reason

_MOST_PAGES = 100


class ExotelVoice:
    """The VoiceAccount of one Exotel account."""

    def __init__(self, client: ExotelClient) -> None:
        self._client = client

    def check(self, *, virtual_number: str) -> PhoneAccountCheck:
        """Test credentials and host by listing one call, then that the number is one of the account's.

        Raises ProviderRejected("Virtual number not found") if it is not.
        """
        self._client.ask("v1/Accounts/{sid}/Calls.json", operation="check_account", params={"PageSize": "1"})
        owned = [n for n in self.list_numbers() if same_number(n.phone_number, virtual_number)]
        if not owned:
            raise number_refused(
                "Virtual number not found", "Virtual number not found in account", Reason.NUMBER_NOT_FOUND
            )
        return PhoneAccountCheck(
            account_verified=True,
            voice_enabled=any(number.can_call for number in owned),
            virtual_number_active=True,
        )

    def is_known(self) -> bool:
        """Return whether the account exists at this host, by listing one call; a 403 proves it, too. Never raises."""
        try:
            self._client.ask(
                "v1/Accounts/{sid}/Calls.json", operation="check_region", params={"PageSize": "1"}
            )
        except ProviderDenied as error:
            return error.provider_status == 403
        except ProviderError:
            return False
        return True

    def list_numbers(self) -> list[ProviderNumber]:
        """Return the account's numbers in Exotel's order, each once, however the answer is paged.

        Paging is undocumented (reference/exotel.md, 4): `page` is sent only after a page that has as many numbers as
        its stated size, and a page without a new number ends the list.
        """
        numbers: dict[str, ProviderNumber] = {}
        for page in range(_MOST_PAGES):
            answer = self._client.ask(
                "v2_beta/Accounts/{sid}/IncomingPhoneNumbers",
                operation="list_numbers",
                params={"page": str(page)} if page else None,
            )
            items = _items(answer.payload)
            found = {n.provider_sid: n for n in map(_number, items) if n and n.provider_sid not in numbers}
            numbers |= found
            page_size = as_int(_folded(answer.payload).get("pagesize"))
            if not found or page_size is None or len(items) < page_size:
                break
        return list(numbers.values())


def _items(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the numbers: in snake_case or PascalCase, a list or a single one, each with or without a wrapper."""
    root = _folded(payload)
    found = root.get("incomingphonenumbers") or root.get("incomingphonenumber") or []
    items = [_folded(item) for item in (found if isinstance(found, list) else [found])]
    return [_folded(item.get("incomingphonenumber")) or item for item in items]


def _number(item: dict[str, Any]) -> ProviderNumber | None:
    spelled = str(item.get("phonenumber") or "").strip()
    if not spelled:
        return None
    capabilities = _folded(item.get("capabilities"))
    return ProviderNumber(
        provider_sid=str(item.get("sid") or spelled),
        phone_number=spelled,
        e164=exotel_e164(spelled),
        display_name=str(item.get("friendlyname") or spelled),
        number_type=_number_type(item, spelled),
        # An ExoPhone is a voice number unless it states otherwise; SMS has to be stated.
        can_call=_is_true(capabilities.get("voice", True)),
        can_sms=_is_true(capabilities.get("sms", False)),
    )


def _number_type(item: dict[str, Any], spelled: str) -> str:
    """Return "toll-free" for a stated TollFree or an Indian 1800 number, else "virtual"; no more is documented."""
    stated = str(item.get("numbertype") or item.get("type") or "").lower().replace("-", "").replace("_", "")
    is_toll_free = stated == "tollfree" or (exotel_e164(spelled) or "").startswith("+911800")
    return "toll-free" if is_toll_free else "virtual"


def _is_true(value: object) -> bool:
    return str(value).strip().lower() in ("true", "1", "yes")


def _folded(value: object) -> dict[str, Any]:
    return {str(key).replace("_", "").lower(): item for key, item in mapping(value).items()}
