"""The concrete clients of AWS, Exotel and mail servers, each imported when it is first made."""

from functools import cache
from typing import TYPE_CHECKING, Any

from banxway.clock import Clock

if TYPE_CHECKING:
    from banxway.models.integrations.credentials import ExotelAccount
    from banxway.providers.base import SmsAccount, VoiceAccount, WhatsAppProvider

PUSHES_AT_ONCE = 16
"""How many frames a notifier posts at the same time."""


def aws_client(service: str, **options: Any) -> Any:
    """Return a client that gives up within seconds: a caller is waiting, and rows outlive queues."""
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 2, "mode": "standard"})
    if service == "s3":
        # The bucket's regional host and today's signature, or a presigned URL is redirected or refused.
        config = config.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
    if service == "apigatewaymanagementapi":
        # One attempt, since a frame whose answer is late may have arrived; what was surely refused is pushed again
        # by ApiGatewayFrames. Each of its threads has a connection of its own.
        config = config.merge(
            Config(
                connect_timeout=1,
                read_timeout=2,
                retries={"total_max_attempts": 1, "mode": "standard"},
                max_pool_connections=PUSHES_AT_ONCE,
            )
        )
    return _aws_session().create_client(service, config=config, **options)


@cache
def _aws_session() -> Any:
    """Return the process's AWS session: botocore's, since what boto3 adds would cost a cold receiver time."""
    from botocore.session import get_session

    return get_session()


@cache
def tls_context(ca_file: str | None) -> Any:
    """Return the context that verifies mail servers; it also trusts the authority that the settings may name."""
    import ssl

    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def exotel_voice(account: "ExotelAccount", *, clock: Clock) -> "VoiceAccount":
    """Return an account's voice capability."""
    from banxway.providers.exotel.client import ExotelClient
    from banxway.providers.exotel.voice import ExotelVoice

    return ExotelVoice(ExotelClient(account, clock=clock))


def exotel_sms(account: "ExotelAccount", *, clock: Clock) -> "SmsAccount":
    """Return an account's SMS capability."""
    from banxway.providers.exotel.client import ExotelClient
    from banxway.providers.exotel.sms import ExotelSms

    return ExotelSms(ExotelClient(account, clock=clock))


def exotel_whatsapp(account: "ExotelAccount", *, clock: Clock) -> "WhatsAppProvider":
    """Return an account's WhatsApp capability."""
    from banxway.providers.exotel.client import ExotelClient
    from banxway.providers.exotel.whatsapp import ExotelWhatsApp

    return ExotelWhatsApp(ExotelClient(account, clock=clock))


def parse_callback(kind: str, body: bytes, content_type: str) -> Any:
    """Parse a callback of one of security.references.CallbackKind. Raises BadRequest."""
    from banxway.providers.exotel import webhooks

    parsers = {"call_status": webhooks.parse_call_status, "whatsapp": webhooks.parse_whatsapp}
    return parsers[kind](body, content_type)


def is_readable_callback(kind: str, body: bytes, content_type: str) -> bool:
    """Return whether `parse_callback` can parse this; imports nothing that only parsing needs."""
    from banxway.errors import BadRequest
    from banxway.providers.exotel.bodies import read_callback

    try:
        read_callback(kind, body, content_type)
    except BadRequest:
        return False
    return True


def parse_mail(raw: bytes, *, clock: Clock) -> Any:
    """Parse a mail; never raises."""
    from banxway.providers.mail.parse.parser import parse

    return parse(raw, clock=clock)


def parse_mail_header(raw: bytes, *, clock: Clock) -> Any:
    """Parse the header of a mail whose body was not fetched; never raises."""
    from banxway.providers.mail.parse.parser import parse_header

    return parse_header(raw, clock=clock)


def html_to_text(html: str) -> str:
    """Return the readable text of a mail's HTML."""
    from banxway.providers.mail.html.text import to_text

    return to_text(html)


def show_mail(mail: Any, find_image: Any) -> Any:
    """Render a mail as an HTML page."""
    from banxway.providers.mail.html.display import show

    return show(mail, find_image)
