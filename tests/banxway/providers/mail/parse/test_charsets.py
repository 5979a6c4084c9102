"""Text is decoded in its real charset; the declared one is only a hint."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.providers.mail.parse.charsets.charsets import codec_for, decode
from tests.support.gates.chance import in_soak
from tests.support.torture.charsets import SPELLINGS, WORDS


@pytest.mark.parametrize("charset", WORDS, ids=list(WORDS))
def test_text_in_the_charset_it_names_is_read_without_remark(charset: str) -> None:
    words = WORDS[charset]

    assert decode(words.encode(charset), charset) == (words, "")


@pytest.mark.parametrize(("spelling", "charset"), SPELLINGS.items(), ids=list(SPELLINGS))
def test_a_charset_is_known_by_its_odd_spellings(spelling: str, charset: str) -> None:
    assert decode(WORDS[charset].encode(charset), spelling).text == WORDS[charset]


@pytest.mark.parametrize("said", ["iso-8859-1", "us-ascii", "koi8-r", "windows-1252", None, "x-none"])
def test_utf_8_under_another_name_is_read_as_utf_8(said: str | None) -> None:
    assert decode("Grüße aus 東京".encode(), said).text == "Grüße aus 東京"


def test_reading_otherwise_than_declared_is_said() -> None:
    text, repair = decode("Grüße".encode(), "koi8-r")

    assert text == "Grüße"
    assert repair == "The text is declared as koi8-r but is UTF-8; it was read as UTF-8."


def test_windows_quotes_in_mail_said_to_be_latin_1_are_quotes() -> None:
    assert decode(b"\x93caf\xe9\x94 \x80 5", "iso-8859-1") == ("“café” € 5", "")


UNDECLARED = {
    "Polish": (("cp1250", "iso8859_2"), "Dzień dobry, proszę o ofertę na pompę. Dziękuję, Łukasz"),
    "Polish, a few words": (("cp1250", "iso8859_2"), "Proszę o wycenę"),
    "Czech": (("cp1250", "iso8859_2"), "Dobrý den, prosím o nabídku čerpadla, příští týden. Děkuji, Jiří"),
    "Czech, a few words": (("cp1250", "iso8859_2"), "Děkuji za zprávu"),
    "Slovak": (("cp1250", "iso8859_2"), "Dobrý deň, prosím o ponuku na čerpadlo, ďakujem. Ľubomír"),
    "Hungarian": (("cp1250", "iso8859_2"), "Tisztelt Hölgyem, kérem küldje el az árajánlatot a következő hétre."),
    "Hungarian, a few words": (("cp1250", "iso8859_2"), "Köszönöm, ez jó idő és nem gyűlés"),
    "Turkish": (("cp1254", "iso8859_9"), "Merhaba, pompa için fiyat teklifi rica ederiz. Teşekkürler, Işık Yağmur"),
    "Turkish, a few words": (("cp1254", "iso8859_9"), "İyi günler, teşekkürler"),
    "Romanian": (("cp1250",), "Bună ziua, vă rog să trimiteţi oferta şi preţul pentru pompă."),
    "Croatian": (("cp1250", "iso8859_2"), "Poštovani, molim ponudu za pumpu do četvrtka, što prije. Hvala, Živko"),
    "German": (("cp1252",), "Schöne Grüße aus Köln, die Maße der Pumpe für Sie anbei."),
    "French": (("cp1252",), "Le problème est très grave, où êtes-vous ? J'ai déjà reçu la pièce à Noël."),
    "Spanish": (("cp1252",), "¿Cuándo llegará el envío? Mañana enviaré más información según lo acordado."),
    "Portuguese": (("cp1252",), "Bom dia, as condições não estão corretas. Informações sobre a estação amanhã."),
    "Italian": (("cp1252",), "Perché la pompa è già rotta? Verrà sostituita lunedì, così però non può andare."),
    "Danish": (("cp1252",), "Kan I sende et tilbud på pumpen? Jeg er på ferie, men må gerne få svar. Søren"),
    "Swedish": (("cp1252",), "Hej, vi behöver en pump till på måndag. Hälsningar, Åsa"),
    "Icelandic": (("cp1252",), "Góðan daginn, það er ekki rétt að við höfum fengið þetta fyrir mánudag. Þórður"),
    "one French word": (("cp1252",), "Très bien"),
    "one name": (("cp1252",), "Müller"),
}  # fmt: skip


@pytest.mark.parametrize(("charsets", "text"), UNDECLARED.values(), ids=UNDECLARED.keys())
@pytest.mark.parametrize("declared", [None, "us-ascii", "unknown-8bit"])
def test_text_that_names_no_charset_is_read_in_its_languages(
    charsets: tuple[str, ...], text: str, declared: str | None
) -> None:
    for charset in charsets:
        assert decode(text.encode(charset), declared).text == text


@pytest.mark.parametrize(
    "name",
    [
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "base64",
        "hex",
        "zlib",
        "bz2",
        "rot13",
        "uu",
        "undefined",
        "x-unknown",
        "",
        "\x00",
        "a" * 9999,
        None,
    ],
)
def test_what_is_no_charset_is_never_used_as_a_codec(name: str | None) -> None:
    assert codec_for(name) == ""
    assert decode("Grüße".encode(), name).text == "Grüße"


def test_octets_of_another_charset_within_utf_8_are_letters_too() -> None:
    assert decode("Grüße ".encode() + b"caf\xe9 x", "utf-8").text == "Grüße café x"


@settings(max_examples=in_soak(600, else_=100))
@given(
    st.binary(max_size=400),
    st.sampled_from(
        [*WORDS, *SPELLINGS, None, "x-none", "utf-32", "johab", "iso-2022-jp-3", "utf-8-sig", "mbcs"]
    ),
)
def test_any_octets_in_any_charset_become_storable_text(octets: bytes, declared: str | None) -> None:
    text, repair = decode(octets, declared)

    text.encode()
    repair.encode()
    assert "\x00" not in text


@settings(max_examples=in_soak(300, else_=100))
@given(
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=200),
    st.sampled_from([None, "utf-8", "us-ascii", "gb2312", "x-none", "koi8-r"]),
)
def test_ascii_is_never_changed(text: str, declared: str | None) -> None:
    assert decode(text.encode(), declared) == (text, "")
