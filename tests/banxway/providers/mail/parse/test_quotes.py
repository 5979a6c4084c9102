"""The new text of a mail is found in many languages, and is never lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.providers.mail.parse.parser import read
from banxway.providers.mail.parse.replies.quotes import ReplyParts, split_reply
from tests.support.gates.chance import in_soak
from tests.support.timing.work import work_of
from tests.support.torture.replies import Pair, pairs

ATTRIBUTIONS = [
    "On Mon, 1 Jan 2024 at 10:00, Bob <bob@example.com> wrote:",
    "On 1/1/24 10:00, Bob wrote:",
    "Am 01.01.24 um 10:00 schrieb Bob Müller:",
    "Le lun. 1 janv. 2024 à 10:00, Bob <bob@example.com> a écrit :",
    "El lun, 1 ene 2024 a las 10:00, Bob (<bob@example.com>) escribió:",
    "Il giorno lun 1 gen 2024 alle ore 10:00 Bob <bob@example.com> ha scritto:",
    "Em seg., 1 de jan. de 2024 às 10:00, Bob escreveu:",
    "Op ma 1 jan 2024 om 10:00 schreef Bob <bob@example.com>:",
    "Den 1 jan 2024 10:00 skrev Bob <bob@example.com>:",
    "pon., 1 sty 2024 o 10:00 Bob <bob@example.com> napisał(a):",
    "пн, 1 янв. 2024 г. в 10:00, Bob <bob@example.com> пишет:",
    "1 Oca 2024 Pzt 10:00 tarihinde Bob <bob@example.com> şunu yazdı:",
    "在 2024年1月1日 10:00，张三 <bob@example.com> 写道：",
    "2024年1月1日(月) 10:00 Bob <bob@example.com> のメール:",
    "2024년 1월 1일 (월) 오전 10:00, Bob <bob@example.com>님이 작성:",
    "po 1. 1. 2024 v 10:00 odesílatel Bob <bob@example.com> napsal:",
    "Bob <bob@example.com> ezt írta (2024. jan. 1. H, 10:00): írta:",
]
BLOCKS = {
    "English": "From: Bob\nSent: Monday\nTo: Ann\nSubject: x",
    "German": "Von: Bob\nGesendet: Montag\nAn: Ann\nBetreff: x",
    "French": "De : Bob\nEnvoyé : lundi\nÀ : Ann\nObjet : x",
    "Spanish": "De: Bob\nEnviado: lunes\nPara: Ann\nAsunto: x",
    "Chinese": "发件人: Bob\n发送时间: 周一\n收件人: Ann\n主题: x",
    "Russian": "От: Bob\nОтправлено: x\nКому: Ann\nТема: x",
    "bold": "*From:* Bob\n*Sent:* Monday\n*To:* Ann\n*Subject:* x",
    "with a rule": "________________________________\nFrom: Bob\nSent: Monday\nTo: Ann\nSubject: x",
    "original message": "-----Original Message-----\nFrom: Bob\nSubject: x",
    "German original": "-----Ursprüngliche Nachricht-----\nVon: Bob",
    "Chinese original": "------------------ 原始邮件 ------------------\n发件人: Bob",
}


@pytest.mark.parametrize("pair", pairs(), ids=[pair.dialect for pair in pairs()])
def test_what_is_new_is_found_in_each_dialect(pair: Pair) -> None:
    kind = "html" if pair.is_html else "plain"
    raw = f"Subject: x\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{pair.source}".encode()

    assert read(raw).reply_text == pair.reply


def test_a_signature_that_html_marks_is_set_apart() -> None:
    html = b'<p>Thank you.</p><div class="gmail_signature">Ann Bee<br>Shipper</div>'

    mail = read(b"Content-Type: text/html\r\n\r\n" + html)

    assert (mail.reply_text, mail.signature_text) == ("Thank you.", "Ann Bee\nShipper")
    assert "Shipper" in mail.text


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_an_introduced_quote_is_cut(attribution: str) -> None:
    parts = split_reply(f"Thank you.\n\n{attribution}\n> old words\n> more\n")

    assert parts == ReplyParts("Thank you.", f"{attribution}\n> old words\n> more", "")


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_a_block_of_headers_begins_what_is_quoted(block: str) -> None:
    parts = split_reply(f"Thank you.\n\n{block}\n\nold words\n")

    assert parts.reply == "Thank you."
    assert parts.quoted.endswith("old words")


def test_an_attribution_may_fold_over_lines() -> None:
    assert (
        split_reply("Yes\n\nOn Mon, 1 Jan 2024 at 10:00, Bob\n<bob@example.com>\nwrote:\n> old").reply
        == "Yes"
    )


def test_answers_between_and_below_quotes_are_kept() -> None:
    parts = split_reply("On 1 Jan 2024, Bob wrote:\n> first?\nyes\n> second?\nno\n")

    assert parts.reply == "> first?\nyes\n> second?\nno"
    assert parts.quoted == "On 1 Jan 2024, Bob wrote:"


def test_a_mail_that_is_nothing_but_a_signature_is_its_own_reply() -> None:
    parts = split_reply("-- \nAnn\n\nOn 1 Jan 2024, Bob wrote:\n> old words")

    assert (parts.reply, parts.signature) == ("-- \nAnn", "")
    assert "old words" in parts.quoted


def test_a_line_that_a_mailbox_file_escaped_is_no_quote() -> None:
    assert (
        split_reply("Hello,\n>From Monday on we are closed.").reply
        == "Hello,\n>From Monday on we are closed."
    )


@pytest.mark.parametrize(
    "text",
    [
        "> only a quote",
        "-----Original Message-----\nFrom: x\n\nold",
        "On 1 Jan, Bob wrote:\n> x",
        "-- \nAnn",
        "Sent from my iPhone",
    ],
)
def test_a_mail_that_is_all_quote_is_its_own_reply(text: str) -> None:
    assert split_reply(text).reply


@pytest.mark.parametrize(
    "mark",
    [
        "-- ",
        "--",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Get Outlook for Android",
        "发自我的iPhone",
    ],
)
def test_a_signature_is_set_apart(mark: str) -> None:
    parts = split_reply(f"Thank you.\n\n{mark}\nAnn Bee")

    assert parts.reply == "Thank you."
    assert parts.signature == f"{mark}\nAnn Bee"


@pytest.mark.parametrize(
    "text",
    [
        "I wrote: 12 pages",
        "Dear Bob,\nfrom: the heart\nI say hello",
        "Shopping\n- milk\n- eggs",
        "He wrote:\nhello",
        "1 > 0 and 2 > 1",
        "We need these documents:\n* Original\n* Seaway bill\n\nPlease ship 7 boxes.",
        "We need these documents:\n- Original\n- Seaway bill\n\nPlease ship 7 boxes.",
        "We need these documents:\n- original -\n- copy -\n\nPlease ship 7 boxes.",
        "We need these documents:\n- Original mail\n- Invoice\n\nPlease ship 7 boxes.",
        "Hello,\nKindly send the documents to our agent (docs@agent.example) by 5 May 2024 10:00:\n- invoice\nThanks",
        "Hello,\nTo our agent (docs@agent.example) by 5 May 2024 10:00:\n- invoice\nThanks",
        "Hello,\nPlease ask Bob Ray (docs@agent.example) before 5 May 2024 10:00:\nis it there?",
        "Documents are done.\nSent by courier on Friday, tracking 998877",
        "Documents are done.\nSent by courier on Friday",
        "Documents are done.\nSent with DHL yesterday, AWB 123456.",
        "Documents are done.\nSent via FedEx yesterday, AWB 123456.",
        "Documents are done.\nSent by registered mail, number 123456.",
        "Guten Tag\nGesendet mit DHL am Freitag, Nr. 4711.",
        "Guten Tag\nVon meinem Chef kommt gleich die Freigabe.",
        "Buongiorno\nInviato da Milano ieri, AWB 123456.",
    ],
)
def test_ordinary_words_are_not_taken_for_a_quote(text: str) -> None:
    assert split_reply(text) == ReplyParts(text, "", "")


@pytest.mark.parametrize(
    "line",
    [
        "-----Original-----",
        "-- Original --",
        "*Original Message*\n\nFrom: Bob",
        "---原始邮件---",
        "-----Original Message",
        "Bob Ray <bob@carrier.example>, 4.3.2024 10:15:",
        "bob@carrier.example <bob@carrier.example> 2024-03-04 10:15:",
        "Kuupäev E, 4. märts 2024 kell 10:15 kirjutas Bob Ray <bob@carrier.example>:",
    ],
)
def test_an_introduction_needs_no_marks_below_it(line: str) -> None:
    assert split_reply(f"Thank you.\n\n{line}\n\nold words").reply == "Thank you."


@pytest.mark.parametrize(
    "line",
    [
        "Sent with Proton Mail secure email.",
        "Sent from my iPhone 12, sorry for typos.",
        "Sent via the Samsung Galaxy S21 5G, an AT&T 5G smartphone",
        "Gesendet mit der WEB.DE Mail App",
        "Gesendet von Mail für Windows 10",
        "Enviado desde mi iPhone 12.",
        "Odesláno z iPhonu.",
        "Sent by Some Program",
        "Sent with Spark",
    ],
)
def test_what_a_telephone_or_a_program_adds_is_a_signature(line: str) -> None:
    assert split_reply(f"Thank you.\n\n{line}") == ReplyParts("Thank you.", "", line)


_RULED = (
    '<p>Dear Bob,</p><div style="border:none;border-top:solid windowtext 1.0pt">{}</div><p>Pay by Friday.</p>'
)


@pytest.mark.parametrize(
    "block",
    [
        "<p>Total: 500 USD</p>",
        "<p>Total: 500 USD<br>Due: Friday</p>",
        "<p><b>Total:</b> 500 USD</p>",
        "<p>To: whom it may concern</p>",
        "<p>Subject: x</p>",
        "<p>Date: Monday<br>To: Ann</p>",
        "<p><b>From:</b> Mumbai<br><b>To:</b> Dubai<br><b>Date:</b> 12 Jan<br><b>Subject:</b> 2 pallets</p>",
        "<p><strong><span>Name:</span></strong> Asha<br><strong><span>Phone:</span></strong> 98200</p>",
    ],
)
def test_a_line_drawn_above_a_sum_begins_no_quote(block: str) -> None:
    mail = read(f"Content-Type: text/html; charset=utf-8\r\n\r\n{_RULED.format(block)}".encode())

    assert mail.reply_text == mail.text
    assert "Pay by Friday." in mail.reply_text


@pytest.mark.parametrize(
    "block",
    [
        "<p><b><span>From:</span></b><span> Bob</span><br><b>Sent:</b> Monday</p>",
        "<p><b>From</b>: Bob &lt;bob@x.example&gt;<br>Subject: x</p>",
        "<p>From: bob@x.example<br>To: Ann</p>",
        "<p><b>发件人</b>：Bob<br><b>发送时间</b>：周一</p>",
        "<p><strong><span>Zorb:</span></strong> b@x.example<br><strong><span>Tud:</span></strong> Monday</p>",
    ],
)
def test_a_line_drawn_above_headers_begins_a_quote(block: str) -> None:
    mail = read(f"Content-Type: text/html; charset=utf-8\r\n\r\n{_RULED.format(block)}".encode())

    assert mail.reply_text == "Dear Bob,"


SAID = {
    "above a wrapped attribution": (
        "Yes, go ahead.\nOn Mon, Jan 6, 2025 at 7:03 PM, Bob Stone <bob@x.example>\nwrote:\n\n> Shall we?",
        "Yes, go ahead.",
    ),
    "above a wrapped attribution, in German": (
        "Ja, bitte\nAm 6. Januar 2025 um 19:03 Uhr schrieb Bob Stone\n<bob@x.example>:\n\n> Sollen wir?",
        "Ja, bitte",
    ),
    "above an attribution that begins with a date": (
        "Ship 40 boxes\n2025-01-06 19:03 GMT+01:00 Bob Stone\n<bob@x.example>:\n> Shall we?",
        "Ship 40 boxes",
    ),
    "a day of its own above an attribution": (
        "On 12 May we ship\nOn Mon, Jan 6, 2025 at 7:03 PM, Bob Stone <bob@x.example>\nwrote:\n> When?",
        "On 12 May we ship",
    ),
    "above bars": (
        "Yes.\n\n2025/1/6 Bob via Desk <bob@x.example>\n\n| Shall we ship?\n|\n| Bob\n",
        "Yes.",
    ),
    "a first name behind a dash": ("We ship on Friday.\n\n-Ann", "We ship on Friday."),
}  # fmt: skip


@pytest.mark.parametrize(("text", "reply"), SAID.values(), ids=SAID.keys())
def test_what_stands_above_a_quote_is_kept_to_its_last_line(text: str, reply: str) -> None:
    assert split_reply(text).reply == reply


KEPT = {
    "an enquiry with From, To, Date": (
        "Please quote.\n\nFrom: Mumbai\nTo: Dubai\nDate: 12 Jan 2025\nSubject: 2 pallets\n\nCall me."
    ),
    "an enquiry whose place has an address in its text": (
        "Please quote.\n\nFrom: Mumbai, ask docs@agent.example first\nTo: Dubai\nDate: 12 Jan\n\nCall me."
    ),
    "an enquiry in German": "Bitte um Angebot\n\nVon: Hamburg\nAn: Wien\nDatum: 3.5.\nBetreff: 2 Paletten\n\nDanke.",
    "a form below a drawn line": "Please quote.\n----------\nFrom: Mumbai\nTo: Dubai\nDate: 12 Jan\n\nCall me.",
    "a form below a framed title": (
        "Please quote.\n---- Shipment ----\nFrom: Mumbai\nTo: Dubai\nDate: 12 Jan\n\nCall me."
    ),
    "points below underscores": "See below.\n________________________________\n1. Rate 4500\n2. May\n3. LC",
    "sentences below underscores": "See this.\n______________________\nThe rate must be 4500.\nDelivery in May",
    "points below dashes": "See this.\n--\n1. Rate 4500\n2. Delivery in May",
    "words below dashes": "See this.\n--\nRate must be 4500\nDelivery in May",
    "words below a dash": "See this.\n-\nplease send it",
    "a request below the mark of signatures": "Hello\n\n-- \nAsha\n\nAlso, please send the invoice today.",
    "a postscript below a closing": "Hi,\n\nMonday.\n\nBest regards,\nAsha\n\nAlso, please send the invoice today.",
    "PS below a closing": "Monday.\n\nKind regards\nAsha\n\nPS: call me",
    "P.S. below a closing": "Monday.\n\nKind regards\nAsha\nP.S. Ravi too",
    "a postscript in German": "Montag.\n\nViele Grüße\nAnn\n\nBitte schicken Sie auch die Rechnung",
    "a postscript in Chinese": "周一可以。\n\n此致\n\n另外请今天把修改过的发票发给我。",
    "a postscript below a telephone's line": "Monday.\n\nSent from my iPhone\n\nPlease also send the invoice",
    "a last point in small letters": "I need these:\n\n- blue pump",
    "a last point below a sentence": "One more thing is missing.\n\n- blue pump",
    "a last point in capitals": "One more thing is missing.\n\n- Blue Pump",
    "a forward with a note": "Take it.\n\n---------- Forwarded message ---------\nFrom: R <r@x.example>\n\nBroken.",
    "a forward by Apple": "Please handle.\n\nBegin forwarded message:\n\n> From: R <r@x.example>\n>\n> Broken.",
    "a forward by Thunderbird": "Bitte.\n\n---- Weitergeleitete Nachricht ----\nVon: R <r@x.example>\n\nKaputt.",
    "a forward with its signature": "FYI\n\n----- Forwarded by Bob -----\nBroken since Monday.\n\n-- \nRavi",
    "answers in red inside a quote without marks": (
        "See my answers in red.\n\nFrom: Bob <b@x.example>\nSent: Monday\nTo: Ann\nSubject: x\n\nColour?\nYellow."
    ),
    "answers inside, in German": (
        "Hallo, meine Antworten siehe unten\n\nVon: Bob <b@x.example>\nGesendet: Montag\nAn: Ann\n\nFarbe?\nGelb."
    ),
    "nothing but a greeting above a quote without marks": (
        "Hi Bob,\n\nOn Mon, Jan 6, 2025 at 7:03 PM, Bob Stone <bob@x.example> wrote:\n\nWhich size?\nSize 44."
    ),
    "what a colleague wrote": "Hello.\n\nOn 5 May 2024 at 10:15 your colleague wrote:\nWe pay.\n\nBut nothing came.",
    "what a colleague wrote, without an address": (
        "Hello.\n\nOn 5 May 2024 at 10:15 our driver wrote:\nthe road is closed.\n\nWhat now?"
    ),
    "what we wrote": "Hello.\n\nOn 5 May 2024 at 10:15 you wrote:\nWe pay.\n\nBut nothing came.",
}  # fmt: skip


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_in_doubt_all_of_a_text_is_its_reply(text: str) -> None:
    assert split_reply(text) == ReplyParts(text, "", "")


@pytest.mark.parametrize(
    "subject", ["Fwd: Broken pump", "FW: Re: x", "WG: x", "TR : x", "[desk] Fwd: x", "转发：x"]
)
def test_a_subject_that_passes_a_mail_on_hides_none_of_it(subject: str) -> None:
    block = (
        "Please handle.\n\nFrom: Bob <b@x.example>\nSent: Monday\nTo: Ann\nSubject: x\n\nThe pump is broken."
    )
    mail = read(f"Subject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{block}".encode())

    assert mail.reply_text == mail.text


def test_an_answer_to_what_was_passed_on_is_an_answer() -> None:
    block = "Done.\n\nFrom: Bob <b@x.example>\nSent: Monday\nTo: Ann\nSubject: x\n\nThe pump is broken."

    assert read(f"Subject: Re: Fwd: x\r\n\r\n{block}".encode()).reply_text == "Done."


INSIDE = {
    "answers between Gmail's quotes": (
        '<div class="gmail_quote"><div class="gmail_attr">On Mon Bob wrote:<br></div><blockquote class="gmail_quote">'
        'Which colour?</blockquote><div>Green.</div><blockquote class="gmail_quote">Which size?</blockquote>'
        "<div>43.</div><blockquote>Bob</blockquote></div>",
        ["Which colour?", "Green.", "Which size?", "43."],
    ),
    "answers in red below Outlook's line": (
        '<p>Hello</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Bob<br><b>Sent:</b> '
        'Monday</p></div><p>Colour?</p><p style="color:red">Yellow.</p>',
        ["Hello", "Colour?", "Yellow."],
    ),
    "answers highlighted within a quote": (
        '<p>Hello</p><blockquote type="cite"><p>Colour?</p><p><span style="background:yellow">Yellow.</span></p>'
        "</blockquote>",
        ["Hello", "Colour?", "Yellow."],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("html", "words"), INSIDE.values(), ids=INSIDE.keys())
def test_answers_within_what_html_quotes_are_kept(html: str, words: list[str]) -> None:
    reply = read(f"Content-Type: text/html; charset=utf-8\r\n\r\n{html}".encode()).reply_text

    assert [word for word in words if word not in reply] == []


@settings(max_examples=in_soak(400, else_=100))
@given(
    st.lists(
        st.sampled_from(
            [
                "> quoted",
                "new words",
                "",
                "-- ",
                "On 1 Jan 2024, Bob wrote:",
                "From: a",
                "To: b",
                "Subject: c",
                "-----Original Message-----",
                "Sent from my iPhone",
                ">",
                "\u3000",
                "______",
            ]
        ),
        max_size=25,
    ).map("\n".join)
)
def test_no_line_is_lost_and_the_reply_is_never_blank(text: str) -> None:
    parts = split_reply(text)

    assert bool(parts.reply.strip()) == bool(text.strip())
    written = sorted(line.strip() for line in text.split("\n") if line.strip())
    kept = sorted(line.strip() for part in parts for line in part.split("\n") if line.strip())
    assert kept == written


def test_what_stands_behind_more_lines_than_anybody_writes_is_kept_as_it_is() -> None:
    parts = split_reply("word\n" * 30_000 + "On 1 Jan 2024 at 10:00, Bob wrote:\n> old words\n")

    assert parts.reply.endswith("word\nOn 1 Jan 2024 at 10:00, Bob wrote:\n> old words")
    assert parts.quoted == ""


LONG = {
    "one line of words": "On " + "word " * 8000,
    "quote marks": "> " * 20_000,
    "dashes": "-" * 40_000,
    "wrote": "On 1 wrote:" * 3600,
    "empty lines": "\n" * 40_000,
    "labels": "From: x\n" * 5000,
    "marks": "--\n" * 13_000,
    "colons": ":" * 40_000,
    "short lines": "a 1\n" * 10_000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_no_text_costs_more_than_its_length(text: str) -> None:
    work = work_of(lambda: split_reply(text))

    # Thousands of lines cost some work each, one line of thousands of characters almost none.
    assert work.steps < (500 if "\n" not in text else 40 * len(text))
    assert work.handed < 40 * len(text)
