"""Writes mails of the kinds that reach a forwarder's inbox, in the sizes and the mix that they come in.

The mix: 14 % plain, 10 % in other charsets, 46 % text and HTML, 15 % with an inline image, 13 % with an
attachment of 10 to 200 KB, 2 % calendar. 35 KB on average.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

_PROSE = """shipment booking container vessel Mumbai Nhava Sheva customs clearance invoice rate quote freight please
confirm arrival departure tomorrow documents original bill of lading consignee pickup warehouse delay regards
thanks attached team pallet weight volume door delivery schedule urgent payment released"""
_WORDS = _PROSE.split()
_FOREIGN = {
    "iso-2022-jp": "お世話になっております。船積書類をお送りいたします。ご確認ください。",
    "gb18030": "您好，请查收附件中的提单和发票，货物将于下周到港。",
    "windows-1252": "Très bien reçu – merci de confirmer l’arrivée à l’entrepôt “Müller”.",
    "koi8-r": "Добрый день, подтвердите, пожалуйста, получение документов.",
}
_NEWEST = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def write_mails(count: int, *, seed: int = 38) -> list[bytes]:
    """Return mails in the mix above, shuffled. The same seed gives the same mails, except for their boundaries."""
    chance = random.Random(seed)
    writers = {
        _plain: 14,
        _foreign: 10,
        _alternative: 46,
        _with_image: 15,
        _with_attachment: 13,
        _calendar: 2,
    }
    kinds = chance.choices(list(writers), weights=list(writers.values()), k=count)
    return [_written(number, writer, chance) for number, writer in enumerate(kinds)]


def _written(
    number: int, writer: Callable[[EmailMessage, random.Random], None], chance: random.Random
) -> bytes:
    mail = EmailMessage(policy=SMTP)
    for hop in range(chance.randint(2, 5)):
        mail["Received"] = (
            f"from mx{hop}.example.net (mx{hop}.example.net [203.0.113.{hop}]) by in.example.com; x"
        )
    mail["From"] = f"Asha Ünal <asha{number % 97}@customer.example>"
    mail["To"] = "Support <support@company.example>, ops@company.example"
    mail["Subject"] = f"Re: {_sentence(chance)} – BX-{number}"
    mail["Message-ID"] = f"<{number}.{chance.getrandbits(64):x}@customer.example>"
    if earlier := [f"<{number}.{each}@company.example>" for each in range(number % 6)]:
        mail["References"] = " ".join(earlier)
    mail["Date"] = format_datetime(_NEWEST - timedelta(minutes=number))
    writer(mail, chance)
    return mail.as_bytes()


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(_WORDS, k=chance.randint(4, 14)))


def _text(chance: random.Random) -> str:
    return "\n\n".join(
        " ".join(_sentence(chance) + "." for _ in range(4)) for _ in range(chance.randint(2, 14))
    )


def _html(chance: random.Random) -> str:
    style = "font-family:Calibri,sans-serif;font-size:11.0pt;mso-fareast-language:EN-US"
    rows = "".join(
        f'<tr style="{style}"><td><p class="MsoNormal"><span style="{style}">{_sentence(chance)}</span></p></td>'
        f'<td><a href="https://example.com/{chance.getrandbits(32):x}">{chance.choice(_WORDS)}</a></td></tr>\n'
        for _ in range(chance.randint(6, 40))
    )
    return f"<html><head><style>p {{{style}}}</style></head><body><table>{rows}</table></body></html>"


def _plain(mail: EmailMessage, chance: random.Random) -> None:
    mail.set_content(_text(chance))


def _foreign(mail: EmailMessage, chance: random.Random) -> None:
    charset, text = chance.choice(list(_FOREIGN.items()))
    mail.set_content(f"{text}\n" * chance.randint(3, 40), charset=charset)


def _alternative(mail: EmailMessage, chance: random.Random) -> None:
    mail.set_content(_text(chance))
    mail.add_alternative(_html(chance), subtype="html")


def _with_image(mail: EmailMessage, chance: random.Random) -> None:
    _alternative(mail, chance)
    image = chance.randbytes(chance.randint(5_000, 60_000))
    mail.get_payload()[1].add_related(image, "image", "png", cid="<logo@customer.example>")


def _with_attachment(mail: EmailMessage, chance: random.Random) -> None:
    _alternative(mail, chance)
    content = chance.randbytes(chance.randint(10_000, 200_000))
    mail.add_attachment(content, maintype="application", subtype="pdf", filename="Rechnung Nº 5 – März.pdf")


def _calendar(mail: EmailMessage, chance: random.Random) -> None:
    mail.set_content(_text(chance))
    event = f"BEGIN:VEVENT\nUID:{chance.getrandbits(64)}\nSUMMARY:{_sentence(chance)}\nEND:VEVENT"
    invitation = f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\n{event}\nEND:VCALENDAR\n"
    mail.add_alternative(invitation, subtype="calendar", params={"method": "REQUEST"})
