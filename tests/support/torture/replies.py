"""Replies in the dialects of mail programs and languages, each with what its writer wrote. None is copied."""
# ruff: noqa: E501  # a mail is easier to read on one line, whatever its length

from typing import NamedTuple

NEW = "Thank you, the container may go on Friday."
FORWARD = (
    f"{NEW}\n\n---------- Forwarded message ---------\nFrom: Bob <b@c.example>\nDate: Mon\nSubject: x\n\nold"
)
OLD = "Dear Ann,\nmay the container go on Friday?\nBob"


class Pair(NamedTuple):
    """A mail's text or HTML, and what is new in it."""

    dialect: str
    source: str
    reply: str = NEW
    is_html: bool = False


def _marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


_ATTRIBUTIONS = {
    "Gmail, English": "On Mon, 4 Mar 2024 at 10:15, Bob Ray <bob@carrier.example> wrote:",
    "Gmail, English (US)": "On Mon, Mar 4, 2024 at 10:15 AM Bob Ray <bob@carrier.example> wrote:",
    "Gmail, German": "Am Mo., 4. März 2024 um 10:15 Uhr schrieb Bob Ray <bob@carrier.example>:",
    "Gmail, French": "Le lun. 4 mars 2024 à 10:15, Bob Ray <bob@carrier.example> a écrit :",
    "Gmail, Spanish": "El lun, 4 mar 2024 a las 10:15, Bob Ray (<bob@carrier.example>) escribió:",
    "Gmail, Italian": "Il giorno lun 4 mar 2024 alle ore 10:15 Bob Ray <bob@carrier.example> ha scritto:",
    "Gmail, Portuguese": "Em seg., 4 de mar. de 2024 às 10:15, Bob Ray <bob@carrier.example> escreveu:",
    "Gmail, Dutch": "Op ma 4 mrt 2024 om 10:15 schreef Bob Ray <bob@carrier.example>:",
    "Gmail, Swedish": "Den mån 4 mars 2024 kl 10:15 skrev Bob Ray <bob@carrier.example>:",
    "Gmail, Norwegian": "man. 4. mars 2024 kl. 10:15 skrev Bob Ray <bob@carrier.example>:",
    "Gmail, Danish": "Den man. 4. mar. 2024 kl. 10.15 skrev Bob Ray <bob@carrier.example>:",
    "Gmail, Finnish": "ma 4. maalisk. 2024 klo 10.15 Bob Ray (bob@carrier.example) kirjoitti:",
    "Gmail, Polish": "pon., 4 mar 2024 o 10:15 Bob Ray <bob@carrier.example> napisał(a):",
    "Gmail, Czech": "po 4. 3. 2024 v 10:15 odesílatel Bob Ray <bob@carrier.example> napsal:",
    "Gmail, Hungarian": "Bob Ray <bob@carrier.example> ezt írta (időpont: 2024. márc. 4., H, 10:15):",
    "Gmail, Romanian": "În lun., 4 mar. 2024 la 10:15, Bob Ray <bob@carrier.example> a scris:",
    "Gmail, Russian": "пн, 4 мар. 2024 г. в 10:15, Bob Ray <bob@carrier.example>:",
    "Gmail, Ukrainian": "пн, 4 бер. 2024 р. о 10:15 Bob Ray <bob@carrier.example> пише:",
    "Gmail, Turkish": "Bob Ray <bob@carrier.example>, 4 Mar 2024 Pzt, 10:15 tarihinde şunu yazdı:",
    "Gmail, Greek": "Στις Δευ 4 Μαρ 2024 στις 10:15 π.μ., ο χρήστης Bob Ray <bob@carrier.example> έγραψε:",
    "Gmail, Hebrew": "\u202bבתאריך יום ב׳, 4 במרץ 2024 ב-10:15 מאת \u202aBob Ray\u202c\u200f <bob@carrier.example>:",
    "Gmail, Arabic": "في الاثنين، 4 مارس 2024 في 10:15 ص تمت كتابة ما يلي بواسطة Bob Ray <bob@carrier.example>:",
    "Gmail, Japanese": "2024年3月4日(月) 10:15 Bob Ray <bob@carrier.example>:",
    "Gmail, Chinese": "Bob Ray <bob@carrier.example> 于2024年3月4日周一 10:15写道：",
    "Gmail, Korean": "2024년 3월 4일 (월) 오전 10:15, Bob Ray <bob@carrier.example>님이 작성:",
    "Gmail, Vietnamese": "Vào Th 2, 4 thg 3, 2024 vào lúc 10:15 Bob Ray <bob@carrier.example> đã viết:",
    "Gmail, Indonesian": "Pada tanggal Sen, 4 Mar 2024 pukul 10.15 Bob Ray <bob@carrier.example> menulis:",
    "Gmail, Thai": "ในวันที่ จ. 4 มี.ค. 2024 เวลา 10:15 Bob Ray <bob@carrier.example> เขียนว่า:",
    "Gmail, Hindi": "सोम, 4 मार्च 2024 को 10:15 am बजे को Bob Ray <bob@carrier.example> ने लिखा:",
    "Gmail, Croatian": "pon, 4. ožu 2024. u 10:15 Bob Ray <bob@carrier.example> napisao je:",
    "Thunderbird": "On 04.03.24 10:15, Bob Ray wrote:",
    "Thunderbird, German": "Am 04.03.24 um 10:15 schrieb Bob Ray:",
    "Apple Mail": "On 4 Mar 2024, at 10:15, Bob Ray <bob@carrier.example> wrote:",
    "iPhone, German": "Am 04.03.2024 um 10:15 schrieb Bob Ray <bob@carrier.example>:",
    "Zoho": "---- On Mon, 04 Mar 2024 10:15:00 +0530 Bob Ray <bob@carrier.example> wrote ----",
    "old Yahoo": "--- On Mon, 3/4/24, Bob Ray <bob@carrier.example> wrote:",
    "mail.ru": "Понедельник, 4 марта 2024, 10:15 +03:00 от Bob Ray <bob@carrier.example>:",
    "Yandex": '04.03.2024, 10:15, "Bob Ray" <bob@carrier.example>:',
    "mutt": "On Mon, Mar 04, 2024 at 10:15:12AM +0100, Bob Ray wrote:",
    "Gnus": "Bob Ray <bob@carrier.example> writes:",
    "KMail": "On Monday, 4 March 2024 10:15:12 CET Bob Ray wrote:",
}
_BLOCKS = {
    "Outlook": "From: Bob Ray <bob@carrier.example>\nSent: Monday, March 4, 2024 10:15 AM\nTo: Ann\nSubject: Friday",
    "Outlook, with a rule": "________________________________\nFrom: Bob Ray\nSent: Monday\nTo: Ann\nSubject: Friday",
    "Outlook, German": "Von: Bob Ray <bob@carrier.example>\nGesendet: Montag, 4. März 2024 10:15\nAn: Ann\nBetreff: Freitag",
    "Outlook, French": "De : Bob Ray <bob@carrier.example>\nEnvoyé : lundi 4 mars 2024 10:15\nÀ : Ann\nObjet : vendredi",
    "Outlook, Spanish": "De: Bob Ray\nEnviado el: lunes, 4 de marzo de 2024 10:15\nPara: Ann\nAsunto: viernes",
    "Outlook, Italian": "Da: Bob Ray\nInviato: lunedì 4 marzo 2024 10:15\nA: Ann\nOggetto: venerdì",
    "Outlook, Portuguese": "De: Bob Ray\nEnviada em: segunda-feira, 4 de março de 2024 10:15\nPara: Ann\nAssunto: sexta",
    "Outlook, Dutch": "Van: Bob Ray\nVerzonden: maandag 4 maart 2024 10:15\nAan: Ann\nOnderwerp: vrijdag",
    "Outlook, Polish": "Od: Bob Ray\nWysłano: poniedziałek, 4 marca 2024 10:15\nDo: Ann\nTemat: piątek",
    "Outlook, Swedish": "Från: Bob Ray\nSkickat: den 4 mars 2024 10:15\nTill: Ann\nÄmne: fredag",
    "Outlook, Danish": "Fra: Bob Ray\nSendt: 4. marts 2024 10:15\nTil: Ann\nEmne: fredag",
    "Outlook, Finnish": "Lähettäjä: Bob Ray\nLähetetty: 4. maaliskuuta 2024 10:15\nVastaanottaja: Ann\nAihe: perjantai",
    "Outlook, Russian": "От: Bob Ray\nОтправлено: 4 марта 2024 г. 10:15\nКому: Ann\nТема: пятница",
    "Outlook, Turkish": "Kimden: Bob Ray\nGönderildi: 4 Mart 2024 10:15\nKime: Ann\nKonu: cuma",
    "Outlook, Czech": "Od: Bob Ray\nOdesláno: pondělí 4. března 2024 10:15\nKomu: Ann\nPředmět: pátek",
    "Outlook, Japanese": "差出人: Bob Ray\n送信日時: 2024年3月4日 10:15\n宛先: Ann\n件名: 金曜日",
    "Outlook, Chinese": "发件人: Bob Ray\n发送时间: 2024年3月4日 10:15\n收件人: Ann\n主题: 星期五",
    "Outlook, Korean": "보낸 사람: Bob Ray\n보낸 날짜: 2024년 3월 4일\n받는 사람: Ann\n제목: 금요일",
    "Outlook in bold": "*From:* Bob Ray <bob@carrier.example>\n*Sent:* Monday\n*To:* Ann\n*Subject:* Friday",
    "Outlook Express": "----- Original Message ----- \nFrom: Bob Ray\nTo: Ann\nSent: Monday\nSubject: Friday",
    "older Outlook": "-----Original Message-----\nFrom: Bob Ray\nSent: Monday\nTo: Ann",
    "Lotus Notes": '-----"Bob Ray" <bob@carrier.example> wrote: -----\nTo: Ann\nFrom: Bob Ray\nDate: 04/03/2024',
    "Hotmail": "Date: Mon, 4 Mar 2024 10:15:00 +0000\nFrom: bob@carrier.example\nTo: ann@shipper.example\nSubject: x",
    "QQ": '------------------ 原始邮件 ------------------\n发件人: "Bob" <bob@carrier.example>;\n主题: 星期五',
    "ProtonMail": "------- Original Message -------\nOn Monday, March 4th, 2024 at 10:15, Bob Ray <b@c.example> wrote:",
    "a dash-framed title in no listed language": "---- Qaf tlhIn ----\nDate: x\nTo: Ann\nFrom: Bob <b@c.example>",
}
_MORE = (
    Pair("an attribution over two lines", f"{NEW}\n\nOn Mon, 4 Mar 2024 at 10:15, Bob Ray\n<bob@carrier.example> wrote:\n\n{_marked(OLD)}"),
    Pair("no blank line before the attribution", f"{NEW}\nOn 4 Mar 2024, Bob Ray wrote:\n{_marked(OLD)}"),
    Pair("answers below", f"On 4 Mar 2024, Bob Ray wrote:\n{_marked(OLD)}\n\n{NEW}"),
    Pair("answers between", "On 4 Mar 2024, Bob Ray wrote:\n> How many?\n\nTwelve.\n\n> And when?\n\nOn Friday.", "> How many?\n\nTwelve.\n\n> And when?\n\nOn Friday."),
    Pair("a quote wrapped without its marks", f"{NEW}\n\nOn 4 Mar 2024, Bob Ray wrote:\n> This line is long enough that some program wrapped it here\nand went\n> on with marks."),
    Pair("quotes within quotes", f"{NEW}\n\nOn 4 Mar 2024, Bob Ray wrote:\n> > older\n>> oldest\n> old"),
    Pair("a telephone's signature", f"{NEW}\n\nSent from my iPhone\n\nOn 4 Mar 2024, at 10:15, Bob Ray <b@c.example> wrote:\n\n{_marked(OLD)}"),
    Pair("Outlook for a telephone", f"{NEW}\n\nGet Outlook for iOS<https://example.com/o>\n________________________________\nFrom: Bob Ray <b@c.example>\nSent: Monday\nTo: Ann\nSubject: x\n\n{OLD}"),
    Pair("a signature below its mark", f"{NEW}\n\n-- \nAnn Bee\nShipper GmbH\n+49 30 1234"),
    Pair("a closing and an address", f"{NEW}\n\nBest regards,\nAnn Bee\nShipper GmbH\nTel: +49 30 1234\nwww.shipper.example"),
    Pair("a German closing", f"{NEW}\n\nMit freundlichen Grüßen\nAnn Bee"),
    Pair("a French closing", f"{NEW}\n\nCordialement,\nAnn Bee"),
    Pair("a list's footer", f"{NEW}\n_______________________________________________\nShippers mailing list\nshippers@lists.example"),
    Pair("a name behind a dash", f"{NEW}\n\n-Ann"),
    Pair("no quote at all", NEW),
    Pair("a list of goods", "We need\n- rice\n- tea", "We need\n- rice\n- tea"),
    Pair("a form with ports", "Please quote.\n\nFrom: Nhava Sheva\nTo: Rotterdam\nDate: 5 May\n\nTwo containers.", "Please quote.\n\nFrom: Nhava Sheva\nTo: Rotterdam\nDate: 5 May\n\nTwo containers."),
    Pair("a line about writing", "As he wrote:\nwe ship on Friday.", "As he wrote:\nwe ship on Friday."),
    Pair("a time before a colon", "We load on 5 May 2024 at 10:00:\nplease confirm.", "We load on 5 May 2024 at 10:00:\nplease confirm."),
    Pair("regards amid the text", "Best regards to your team!\nWe ship on Friday, and then we will see how it goes with the rest of them?", "Best regards to your team!\nWe ship on Friday, and then we will see how it goes with the rest of them?"),
    Pair("only a forward", "---------- Forwarded message ---------\nFrom: Bob <b@c.example>\nSubject: x\n\nold", "---------- Forwarded message ---------\nFrom: Bob <b@c.example>\nSubject: x\n\nold"),
    Pair("a forward with a note", FORWARD, FORWARD),
    Pair("Apple's forward", f"{NEW}\n\nBegin forwarded message:\n\nFrom: Bob <b@c.example>\nSubject: x\n\nold", f"{NEW}\n\nBegin forwarded message:\n\nFrom: Bob <b@c.example>\nSubject: x\n\nold"),
    Pair("a help desk's line", f"{NEW}\n\n##- Please type your reply above this line -##\nYour request was received."),
)  # fmt: skip
_P = f"<div>{NEW}</div>"
_OLD_HTML = "<p>Dear Ann,</p><p>may the container go on Friday?</p>"
_HTML = {
    "Gmail": f'<div dir="ltr">{NEW}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, 4 Mar 2024, Bob Ray &lt;<a href="mailto:b@c.example">b@c.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid">{_OLD_HTML}</blockquote></div>',
    "Gmail in no listed language": f'{_P}<div class="gmail_quote"><div class="gmail_attr">Qaf jatlh Bob<br></div><blockquote class="gmail_quote">{_OLD_HTML}</blockquote></div>',
    "old Gmail": f'{_P}<div class="gmail_extra"><br><div class="gmail_quote">2024-03-04 10:15 Bob Ray says<br><blockquote class="gmail_quote">{_OLD_HTML}</blockquote></div></div>',
    "Gmail's forward with a note": f'{_P}<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message<br>From: Bob</div>{_OLD_HTML}</div>',
    "Gmail with a signature": f'{_P}<span class="gmail_signature_prefix">-- </span><br><div class="gmail_signature">Ann Bee<br>Shipper</div><div class="gmail_quote"><div class="gmail_attr">x</div><blockquote class="gmail_quote">{_OLD_HTML}</blockquote></div>',
    "Outlook for Windows": f'<div class="WordSection1"><p>{NEW}</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p><b>Naujoks:</b> Bob Ray<br><b>Zeit:</b> x</p></div></div>{_OLD_HTML}</div>',
    "Outlook on the web": f'{_P}<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Zorb:</b> Bob<br><b>Tud:</b> Mon</div>{_OLD_HTML}',
    "Outlook for a telephone": f'{_P}<div id="ms-outlook-mobile-signature">Get Outlook</div><div id="mail-editor-reference-message-container">{_OLD_HTML}</div>',
    "Outlook for Mac": f'{_P}<span id="OLK_SRC_BODY_SECTION"><div>Zorb: Bob</div>{_OLD_HTML}</span>',
    "Outlook with its signature": f'{_P}<div id="Signature"><p>Ann Bee</p></div><div id="appendonsend"></div>{_OLD_HTML}',
    "Apple Mail": f'{_P}<div><br><blockquote type="cite"><div>On 4 Mar 2024, Bob wrote:</div><br>{_OLD_HTML}</blockquote></div>',
    "Thunderbird": f'<p>{NEW}</p><div class="moz-cite-prefix">Am 04.03.24 um 10:15 jatlh Bob:<br></div><blockquote type="cite" cite="mid:x">{_OLD_HTML}</blockquote>',
    "Thunderbird, answers between": f'<div class="moz-cite-prefix">x</div><blockquote type="cite"><p>When?</p></blockquote><p>{NEW}</p><blockquote type="cite"><p>How?</p></blockquote>',
    "Yahoo": f'{_P}<div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Monday Bob wrote:</div>{_OLD_HTML}</div>',
    "ProtonMail": f'{_P}<div class="protonmail_quote">On Monday Bob wrote:<blockquote type="cite">{_OLD_HTML}</blockquote></div>',
    "Zoho": f'{_P}<div class="zmail_extra"><div>---- On Mon, Bob wrote ----</div><blockquote>{_OLD_HTML}</blockquote></div>',
    "a block with a bar": f'{_P}<div>On 4 Mar 2024 10:15, Bob Ray wrote:</div><blockquote style="border-left: 2px solid #ccc">{_OLD_HTML}</blockquote>',
    "an indented paragraph": f'<p>{NEW}</p><blockquote style="margin:0 0 0 40px;border:none;padding:0">Indented.</blockquote>',
    "a rule before From": f"<p>{NEW}</p><hr><p><b>From:</b> Bob Ray<br><b>Sent:</b> Monday<br><b>To:</b> Ann<br><b>Subject:</b> x</p>{_OLD_HTML}",
    "a decorated heading": f'<div style="border-top:solid red">A heading of ours</div><p>{NEW}</p><blockquote type="cite">x</blockquote>',
}  # fmt: skip
_OTHER_REPLIES = {
    "an indented paragraph": f"{NEW}\n\nIndented.",
    "a decorated heading": f"A heading of ours\n\n{NEW}",
    "Thunderbird, answers between": f"> x\n>\n> When?\n>\n\n{NEW}",
    "Gmail's forward with a note": f"{NEW}\n---------- Forwarded message\nFrom: Bob\n\nDear Ann,\n\nmay the container go on Friday?",
}


def pairs() -> list[Pair]:
    """Every pair: each attribution with marked and unmarked quotes, each block, and the singular ones."""
    found = [Pair(name, f"{NEW}\n\n{line}\n\n{_marked(OLD)}\n") for name, line in _ATTRIBUTIONS.items()]
    found += [
        Pair(f"{name}, unmarked", f"{NEW}\n\n{line}\n\n{OLD}\n")
        for name, line in _ATTRIBUTIONS.items()
        if "Gnus" not in name
    ]
    found += [Pair(name, f"{NEW}\n\n{block}\n\n{OLD}\n") for name, block in _BLOCKS.items()]
    found += _MORE
    found += [
        Pair(f"HTML of {name}", source, _OTHER_REPLIES.get(name, NEW), is_html=True)
        for name, source in _HTML.items()
    ]
    return found
