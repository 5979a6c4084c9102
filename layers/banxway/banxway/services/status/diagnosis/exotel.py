"""Asks Exotel about each account that is configured (the guide's issues 2 and 3)."""

from collections.abc import Callable

from banxway.errors import ProviderError, ProviderRejected
from banxway.providers.base import Providers
from banxway.reasons import Reason
from banxway.services.status.diagnosis.causes import Found, Probe, ProbeResult, result_of
from banxway.services.status.diagnosis.encryption import Opened, key_of
from banxway.services.status.diagnosis.explanations import code_of
from banxway.storage.integrations.integrations import AnyIntegration, IntegrationRow
from banxway.storage.status.diagnosis import Facts

# What is true of the whole account, whichever integration it shows up in.
_OF_THE_ACCOUNT = (
    "exotel_suspended", "exotel_invalid_credentials", "exotel_wrong_region", "exotel_wrong_sid",
    "exotel_ip_not_whitelisted", "exotel_access_denied", "exotel_rate_limited", "exotel_voice_not_enabled",
)  # fmt: skip
_OF_THE_HOST = (
    "exotel_timeout", "exotel_connection_refused", "exotel_certificate", "exotel_unavailable",
    "exotel_unreadable",
)  # fmt: skip


def probes(facts: Facts, opened: Opened, providers: Providers) -> list[Probe]:
    """Return one probe per integration whose credentials could be opened."""
    return [
        _Account(row, opened, facts, providers).probe()
        for row in facts.integrations
        if key_of(row) in opened.accounts
    ]


class _Account:
    """One integration and its account."""

    def __init__(self, row: AnyIntegration, opened: Opened, facts: Facts, providers: Providers) -> None:
        self._row = row
        self._subject: str = row.integration_type
        self._account = opened.accounts[key_of(row)]
        self._elsewhere = opened.elsewhere[key_of(row)]
        self._facts = facts
        self._providers = providers

    def probe(self) -> Probe:
        silent = self._found("exotel_timeout", f"{self._account.base_url} did not answer in time")
        return Probe("exotel", self._subject, self._ask, silent)

    def _ask(self) -> ProbeResult:
        ask: dict[str, Callable[[], list[Found]]] = {
            "exotel_phone": self._ask_phone,
            "exotel_whatsapp": self._ask_whatsapp,
            "exotel_sms": self._ask_sms,
        }
        try:
            return result_of(*ask[self._subject]())
        except ProviderError as error:
            return result_of(self._explain(error))

    def _ask_phone(self) -> list[Found]:
        check = self._providers.voice(self._account).check(
            virtual_number=self._row.settings.get("virtual_number", "")
        )
        if not check.voice_enabled:
            evidence = "Exotel lists the virtual number without the capability voice"
            return [self._found("exotel_voice_not_enabled", evidence)]
        if isinstance(self._row, IntegrationRow) and self._row.phone_number_count == 0:
            return [self._found("phone_numbers_not_synced", "Exotel lists numbers, and none is stored here")]
        return []

    def _ask_whatsapp(self) -> list[Found]:
        settings = self._row.settings
        provider = self._providers.whatsapp(self._account)
        check = provider.check(whatsapp_number=settings.get("whatsapp_number", ""))
        if check.business_number_active is False:
            evidence = "Exotel does not know the number as this account's"
            return [self._found("whatsapp_number_not_verified", evidence)]
        if "RED" in (check.quality_rating.upper(), str(settings.get("quality_rating")).upper()):
            return [self._found("whatsapp_quality_low", "The quality rating is RED")]
        try:
            listed = provider.list_templates(waba_id=settings.get("waba_id"))
        except ProviderRejected as error:
            if settings.get("waba_id") or error.reason != Reason.WABA_ID_MISSING:
                raise
            return [
                self._found("whatsapp_waba_id_missing", f"settings.waba_id is empty; {_evidence_of(error)}")
            ]
        approved = sum(each.status == "approved" for each in listed)
        if not approved:
            evidence = f"Exotel lists {len(listed)} templates, none of them approved"
            return [self._found("whatsapp_no_approved_template", evidence)]
        if not self._facts.templates_approved:
            evidence = f"Exotel lists {approved} approved templates, and none is stored here"
            return [self._found("whatsapp_templates_not_synced", evidence)]
        return []

    def _ask_sms(self) -> list[Found]:
        self._providers.sms(self._account).check(sms_number=self._row.settings.get("sms_number", ""))
        return []

    def _explain(self, error: ProviderError) -> Found:
        code = code_of(error)
        evidence = _evidence_of(error)
        # A wrong host answers a SID of the other region with 401 or 404 (reference/exotel.md, 11.2).
        if code in ("exotel_invalid_credentials", "exotel_wrong_sid") and (other := self._working_region()):
            return self._found(
                "exotel_wrong_region", f"{evidence}; the account lives in the {other.title()} region"
            )
        return self._found(code, evidence)

    def _working_region(self) -> str | None:
        """Return another region that knows the account, if one does."""
        return next(
            (region for region, each in self._elsewhere if self._providers.voice(each).is_known()), None
        )

    def _found(self, code: str, evidence: str) -> Found:
        account = self._account
        root: tuple[str, ...] | None = None
        if code in _OF_THE_ACCOUNT:
            root = (code, account.base_url, account.account_sid, account.api_key, account.api_token)
        if code == "exotel_number_not_found":
            settings = self._row.settings
            number = settings.get("virtual_number") or settings.get("sms_number")
            root = (code, account.base_url, account.account_sid, str(number))
        if code in _OF_THE_HOST:
            root = (code, account.base_url)
        return Found(code, self._subject, evidence, root)


def _evidence_of(error: ProviderError) -> str:
    status = f" {error.provider_status}" if error.provider_status else ""
    said = f": {error.provider_message}" if error.provider_message else ""
    return f"{error.operation} →{status} {error.message}{said}"
