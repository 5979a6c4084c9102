"""Tries a callback address: posts a genuine callback to it from outside, as the provider would."""

from collections.abc import Callable
from urllib.parse import urlsplit

from banxway.errors import NotConfigured, ProviderError
from banxway.models.actors import Actor
from banxway.models.integrations.kinds import KINDS
from banxway.models.status.diagnosis import WebAnswer
from banxway.models.webhooks.events import WebhookKind, WebhookTrialResult
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.webhooks.urls import CallbackUrls
from banxway.storage.database import Database
from banxway.storage.integrations import integrations
from banxway.storage.integrations.integrations import AnyIntegration

_BODY = b'{"event_type": "banxway_test"}'
_TAKEN = 200
_FIXES = {
    401: "Copy the callback URL into Exotel's dashboard again, and check WEBHOOK_SECRET of the deployment",
    403: "Something before the API refuses the request: check the firewall and the proxy",
    404: "WEBHOOK_BASE_URL leads to another service: correct it, and deploy again",
    413: "Something before the API limits the size of requests: check the proxy",
    429: "The API is busy: try again in a minute",
    503: "Part of the product is down: open the diagnostics",
}
_OTHER_FIX = "Open the diagnostics: they check the address step by step"


class WebhookTrials:
    """Sends test callbacks to our own public address."""

    def __init__(
        self,
        database: Database,
        *,
        urls: Callable[[], CallbackUrls],
        environment: EnvironmentIntegrations,
        post: Callable[[str, bytes], WebAnswer],
    ) -> None:
        self._database = database
        self._urls = urls
        self._environment = environment
        self._post = post

    def try_address(self, *, actor: Actor, kind: WebhookKind) -> WebhookTrialResult:
        """Post a callback of unknown content, which changes nothing, and return whether our receiver took it.

        It appears in the log as soon as it is applied. Raises NotConfigured if no integration has such an address.
        """
        url = self._url(actor, kind)
        shown = urlsplit(url)._replace(query="").geturl()
        try:
            answer = self._post(url, _BODY)
        except ProviderError as error:
            return WebhookTrialResult(
                arrived=False, url=shown, status=None, cause=error.message, fix=_OTHER_FIX
            )
        if answer.status == _TAKEN:
            return WebhookTrialResult(arrived=True, url=shown, status=answer.status, cause=None, fix=None)
        return WebhookTrialResult(
            arrived=False,
            url=shown,
            status=answer.status,
            cause=f"The address answered {answer.status} instead of {_TAKEN}",
            fix=_FIXES.get(answer.status, _OTHER_FIX),
        )

    def _url(self, actor: Actor, kind: WebhookKind) -> str:
        wanted = {each.type for each in KINDS.values() if each.callback_kind == kind}
        with self._database.as_actor(actor) as transaction:
            saved: list[AnyIntegration] = [*integrations.list_rows(transaction)]
        for row in [*saved, *self._environment.list_all(actor.organization_id)]:
            url = self._urls().of_row(actor.organization_id, row) if row.integration_type in wanted else None
            if url:
                return url
        raise NotConfigured(
            "No integration has this callback address yet: connect it under /settings/integrations"
        )
