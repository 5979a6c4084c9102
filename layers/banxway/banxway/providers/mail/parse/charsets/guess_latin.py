"""Distinguishes the languages of Central Europe and Turkey from those of Western Europe, in text without a charset.

Their charsets use the same octets for different letters: in the wrong charset most of a text is right, but the
letters special to its language are wrong. So each language is scored by how many such letters belong to it, and by
its most common words.
"""

from typing import NamedTuple

_MOST_TOKENS = 400
_MARGIN = 0.05
_WORDS_COUNT = 2.0
_SIGNS = frozenset("„“”‚‘’«»‹›–—…•°§©®™€£ \xa0\xad·")
"""Signs that any language uses between words."""


class _Language(NamedTuple):
    codecs: tuple[str, ...]
    letters: frozenset[str]
    words: frozenset[str]


def _language(codecs: str, letters: str, words: str) -> _Language:
    return _Language(tuple(codecs.split()), frozenset(letters + letters.upper()), frozenset(words.split()))


_CENTRAL = "cp1250 iso8859_2"
_LANGUAGES = (
    _language(
        _CENTRAL, "ąćęłńóśźż",
        "i o w z na do się nie to jest że dla za od są czy po jak oraz dzień dobry proszę będzie przez który "
        "która pozdrawiam dziękuję mam tak panie państwo jeśli już tylko",
    ),
    _language(
        _CENTRAL, "áčďéěíňóřšťúůýž",
        "a v na je že se s z do o to za od pro jsem jsou dobrý den prosím děkuji děkujeme pozdravem které který "
        "jako nebo ale si by bude být už jen také při po ve",
    ),
    _language(
        _CENTRAL, "áäčďéíĺľňóôŕšťúýž",
        "a v na je že sa s z do o to za od pre som sú dobrý deň prosím ďakujem pozdravom ktoré ktorý ako alebo ale "
        "si by bude byť už len tiež pri po vo",
    ),
    _language(
        _CENTRAL, "áéíóöőúüű",
        "a az és hogy nem is egy ez kérem köszönöm üdvözlettel tisztelt meg van volt lesz vagy már csak mint ha el "
        "szeretném kérjük következő időpont ár",
    ),
    _language(
        _CENTRAL, "čćđšž",
        "i u na je da se za od su ne s o što kao ili ali će biti dobar dan molim hvala pozdrav poštovani koji koja",
    ),
    _language(
        _CENTRAL, "ăâîşţ",
        "și şi în la de nu cu pe este pentru că din bună ziua vă rog mulțumesc mulţumesc sau care ce mai",
    ),
    _language(
        "cp1254", "çğıöşüâîİ",
        "ve bir bu için de da ile merhaba teşekkür ederim lütfen iyi günler saygılarımla çok olarak sayın var yok "
        "olan daha ne mi mı kadar fiyat rica ederiz",
    ),
)  # fmt: skip
_WESTERN_LETTERS = {
    **dict.fromkeys("äöüßéèàçêîôâëïùñáíóúãåæøÄÖÜÉÈÀÇÊÑÁÍÓÚÅØÆ¿¡ªº", 1.0),
    **dict.fromkeys("ûìòœÂÎÔÙÛŒÒÌËÏÃ", 0.8),
    **dict.fromkeys("õÕ", 0.4), **dict.fromkeys("ðþýÐÞÝÿ", 0.3),
}  # fmt: skip
_WESTERN_WORDS = _language(
    "", "",
    "und der die das ist nicht mit für wir sie ich le la les des est pour vous et que por para el los con di che non "
    "il per sono e i o os do da não uma em og er det ikke på jeg och är att inte en de het een van niet ik að ekki "
    "við það þú fyrir sem til þetta the and of to is you we on ja ning ei või",
).words  # fmt: skip


def guess_latin(sample: bytes) -> str | None:
    """Return the codec of a Central European or Turkish text, or None for a text that may be Western."""
    western = _western_score(sample)
    best, codec = western + _MARGIN, None
    for language in _LANGUAGES:
        for tried in language.codecs:
            score = _score(sample, tried, language)
            if score > best:
                best, codec = score, tried
    return codec


def _score(sample: bytes, codec: str, language: _Language) -> float:
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        return 0.0
    high = [letter for letter in text if letter > "\x7f" and letter not in _SIGNS]
    if not high:
        return 0.0
    fitting = sum(letter in language.letters for letter in high)
    return fitting / len(high) + _WORDS_COUNT * _share(text, language.words)


def _western_score(sample: bytes) -> float:
    text = sample.decode("cp1252", "replace")
    high = [letter for letter in text if letter > "\x7f" and letter not in _SIGNS]
    if not high:
        return 1.0
    fitting = sum(_WESTERN_LETTERS.get(letter, 0.0) for letter in high)
    # Portuguese has this letter before hardly any other.
    fitting += 0.6 * (text.count("õe") + text.count("Õe") + text.count("ÕE"))
    return fitting / len(high) + _WORDS_COUNT * _share(text, _WESTERN_WORDS)


def _share(text: str, words: frozenset[str]) -> float:
    tokens = [token.strip(".,;:!?()\"'„”") for token in text.lower().split()[:_MOST_TOKENS]]
    return sum(token in words for token in tokens) / max(len(tokens), 1)
