"""Shows messages as pages of their own.

The console asks for a link (`link`) and puts it into a sandboxed frame. Anyone with the link sees the page (`show`)
for five minutes without a session, since the frame has none.
"""

from collections.abc import Callable
from uuid import UUID

from banxway.errors import NotFound
from banxway.models.actors import Actor
from banxway.models.messages.display import DisplayLink, DisplayPage, MailToShow, ShownMail
from banxway.providers.base import Providers
from banxway.security.display_tokens import DISPLAY_LIFETIME, DisplayReference, DisplayTokens
from banxway.storage.blobs.downloads import SHOWN_INLINE
from banxway.storage.blobs.transfers import BlobTransfers
from banxway.storage.database import Database
from banxway.storage.messages import contents as message_contents
from banxway.storage.messages.contents import BodyRow, StoredAttachment

_NOTHING = "'none'"


class MailDisplay:
    """Makes links to messages and serves the pages behind them."""

    def __init__(
        self,
        database: Database,
        *,
        providers: Providers,
        tokens: DisplayTokens,
        transfers: Callable[[], BlobTransfers],
        base_url: Callable[[], str],
        console_origin: str | None,
    ) -> None:
        self._database = database
        self._providers = providers
        self._tokens = tokens
        self._transfers = transfers
        self._base_url = base_url
        self._console_origin = console_origin

    def link(self, *, actor: Actor, message_id: UUID, remote_images: bool) -> DisplayLink:
        """Return a link to the message as a page. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            body = message_contents.find_body(transaction, message_id)
        if body is None:
            raise NotFound("Message not found")
        blocked = 0
        if body.body_html and not remote_images:
            shown = self._providers.show_mail(_mail_of(body, remote_images=False), lambda _: None)
            blocked = shown.blocked_remote_images
        token, expires_at = self._tokens.write(
            DisplayReference(actor.organization_id, message_id, remote_images)
        )
        return DisplayLink(
            url=f"{self._base_url().rstrip('/')}/display/{token}",
            expires_at=expires_at,
            blocked_remote_images=blocked,
        )

    def show(self, *, token: str) -> DisplayPage:
        """Return the page of a valid token. Raises NotAuthenticated or NotFound."""
        reference = self._tokens.read(token)
        with self._database.organization(reference.organization_id) as transaction:
            body = message_contents.find_body(transaction, reference.message_id)
            images = message_contents.list_inline(transaction, reference.message_id)
        if body is None:
            raise NotFound("Message not found")
        shown = self._providers.show_mail(
            _mail_of(body, remote_images=reference.remote_images),
            lambda content_id: self._address_of(reference.organization_id, images, content_id),
        )
        return DisplayPage(shown.page, self._policy(shown, reference))

    def _address_of(
        self, organization_id: UUID, images: list[StoredAttachment], content_id: str
    ) -> str | None:
        """Return the URL of an inline picture; None for an unknown id and for any other type of file."""
        for row in images:
            if (row.content_id or "").strip("<>").lower() == content_id and _is_picture(row):
                return self._transfers().download_url(
                    organization_id,
                    row.blob_key,
                    filename=row.filename,
                    content_type=row.content_type,
                    lifetime=DISPLAY_LIFETIME,
                )
        return None

    def _policy(self, shown: ShownMail, reference: DisplayReference) -> str:
        """Return the Content-Security-Policy, a second barrier behind the sanitiser.

        Style attributes need 'unsafe-inline'; they are sanitised, and img-src limits what they could load.
        """
        images = " ".join((*shown.image_origins, *(("https:",) if reference.remote_images else ())))
        return "; ".join(
            (
                "default-src 'none'",
                f"img-src {images or _NOTHING}",
                "style-src 'unsafe-inline'",
                "base-uri 'none'",
                "form-action 'none'",
                f"frame-ancestors {self._console_origin or _NOTHING}",
                # Links open in windows outside this sandbox.
                "sandbox allow-popups allow-popups-to-escape-sandbox",
            )
        )


def _is_picture(row: StoredAttachment) -> bool:
    return str(row.content_type).partition(";")[0].strip().lower() in SHOWN_INLINE


def _mail_of(body: BodyRow, *, remote_images: bool) -> MailToShow:
    return MailToShow(
        html=body.body_html,
        text=body.body_text,
        reply_text=body.reply_text,
        signature_text=body.signature_text,
        remote_images=remote_images,
    )
