"""The mail parser beside both of the standard library's: compat32 with walk(), and policy.default.

All three read the same mails to the same depth: subject, sender, every body decoded, every attachment's bytes.
Ours does more with them (charsets in doubt, addresses, references, automatic mail, text of HTML). All three must find
the same subject and number of attachments, or the run stops.
"""

import email
import email.header
import email.policy
import time
from collections.abc import Callable
from email.message import Message
from statistics import mean

from mails import write_mails
from measuring import Figures, per_second, report, turns

from banxway.providers.mail.parse.parser import parse

MAILS, BATCHES, PASSES = 1000, 10, 5
OURS, COMPAT32, DEFAULT = "banxway.providers.mail", "compat32 + walk", "policy.default"
Found = tuple[str, int]


def ours(raw: bytes) -> Found:
    mail = parse(raw)
    return mail.subject, len(mail.attachments)


def compat32(raw: bytes) -> Found:
    mail = email.message_from_bytes(raw)
    subject = str(email.header.make_header(email.header.decode_header(mail["Subject"])))
    str(email.header.make_header(email.header.decode_header(mail["From"])))
    return subject, sum(_read_part(part) for part in mail.walk() if not part.is_multipart())


def _read_part(part: Message) -> bool:
    content = part.get_payload(decode=True)
    if part.get_content_maintype() == "text":
        content.decode(part.get_content_charset("utf-8"), "replace")
    return part.get_content_maintype() != "text" or part.get_content_subtype() == "calendar"


def policy_default(raw: bytes) -> Found:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    str(mail["From"].addresses[0])
    attachments = 0
    for part in mail.walk():
        if not part.is_multipart():
            part.get_content()
            attachments += part.get_content_maintype() != "text" or part.get_content_subtype() == "calendar"
    return str(mail["Subject"]), attachments


PARSERS: dict[str, Callable[[bytes], Found]] = {OURS: ours, COMPAT32: compat32, DEFAULT: policy_default}


def check_agreement(mails: list[bytes]) -> None:
    for raw in mails:
        found = {name: parser(raw) for name, parser in PARSERS.items()}
        # compat32 loses a space where an encoded word ends: not worth a name of its own here.
        if len({(" ".join(subject.split()), attachments) for subject, attachments in found.values()}) > 1:
            raise RuntimeError(f"the parsers disagree: {found}")


def measure(mails: list[bytes]) -> Figures:
    batches = [mails[first::BATCHES] for first in range(BATCHES)]
    figures: Figures = {name: [] for name in PARSERS}
    for number, name in enumerate(turns(list(PARSERS), rounds=BATCHES * PASSES)):
        batch = batches[number // len(PARSERS) % BATCHES]
        began = time.perf_counter()
        for raw in batch:
            PARSERS[name](raw)
        figures[name].append(len(batch) / (time.perf_counter() - began))
    return figures


def main() -> None:
    mails = write_mails(MAILS)
    check_agreement(mails)
    title = f"Mails parsed, {MAILS // BATCHES} a round, {mean(map(len, mails)) / 1000:.0f} KB on average"
    baselines = {OURS: [COMPAT32, DEFAULT], COMPAT32: [DEFAULT]}
    report(title, measure(mails), baselines=baselines, shown=per_second)


if __name__ == "__main__":
    main()
