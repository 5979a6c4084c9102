"""Syncs WhatsApp templates from the account, and lists them as last synced."""

from banxway.errors import NotConfigured, NotFound, ProviderRejected
from banxway.models.actors import Actor
from banxway.models.integrations.integrations import TemplateSync
from banxway.models.integrations.whatsapp_templates import ProviderTemplate, WhatsAppTemplate
from banxway.models.pages import Page, PageQuery, cut_text, page_of
from banxway.providers.base import Providers
from banxway.reasons import Reason
from banxway.services.integrations.audit import audited, record
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.integrations.slots import CredentialSlots
from banxway.storage.database import Database
from banxway.storage.integrations import integrations, whatsapp_templates
from banxway.storage.integrations.integrations import AnyIntegration

_NO_WABA_ID = (
    "Exotel lists this account's templates by its WhatsApp Business Account id only, and no waba_id is saved: copy "
    "it from Meta Business Suite → Settings → Accounts → WhatsApp accounts, and save it with {where}"
)
_HOW_TO_SAVE = 'PATCH /api/v1/settings/integrations/exotel_whatsapp {"waba_id": "…"}'
# In bytes on the wire; Meta's limit is 1,024 characters.
_LONGEST_BODY = 20_000


class WhatsAppTemplates:
    """Syncs and lists the templates of an organization's WhatsApp account."""

    def __init__(
        self,
        database: Database,
        *,
        providers: Providers,
        slots: CredentialSlots,
        environment: EnvironmentIntegrations,
    ) -> None:
        self._database = database
        self._environment = environment
        self._providers = providers
        self._slots = slots

    def sync(self, *, actor: Actor) -> TemplateSync:
        """Fetch the account's WhatsApp templates again.

        Raises NotFound without an integration, NotConfigured if Exotel needs a waba_id and none is saved, or what the
        provider refuses.
        """
        with self._database.as_actor(actor) as transaction:
            row: AnyIntegration | None = integrations.find(transaction, "exotel_whatsapp")
        row = row or self._environment.find(actor.organization_id, "exotel_whatsapp")
        if row is None:
            raise NotFound("Integration not found")
        action = "integration.sync_templates"
        with audited(self._database, actor, action, "exotel_whatsapp", only_failure=True):
            templates = self._fetch(actor, row)
        with self._database.as_actor(actor) as transaction:
            sync = whatsapp_templates.sync(
                transaction, organization_id=actor.organization_id, templates=templates
            )
            record(transaction, actor, action, row, sync.model_dump())
        return sync

    def _fetch(self, actor: Actor, row: AnyIntegration) -> list[ProviderTemplate]:
        waba_id = row.settings.get("waba_id")
        try:
            return self._slots.using(
                actor.organization_id,
                "exotel_whatsapp",
                lambda account: self._providers.whatsapp(account).list_templates(waba_id=waba_id),
            )
        except ProviderRejected as error:
            if waba_id or error.reason != Reason.WABA_ID_MISSING:
                raise
            where = "EXOTEL_WABA_ID" if row.id is None else _HOW_TO_SAVE
            raise NotConfigured(_NO_WABA_ID.format(where=where), field="waba_id") from error

    def list_page(self, *, actor: Actor, query: PageQuery) -> Page[WhatsAppTemplate]:
        """Return the templates as last synced. Raises ValidationFailed for a foreign cursor."""
        with self._database.as_actor(actor) as transaction:
            found = whatsapp_templates.list_all(transaction)
        return page_of(
            [_short(one) for one in found], query, name="whatsapp templates", id_of=lambda one: one.id
        )


def _short(template: WhatsAppTemplate) -> WhatsAppTemplate:
    body = cut_text(template.body, most_bytes=_LONGEST_BODY)
    return template.model_copy(update={"body": body, "is_cut": body != template.body})
