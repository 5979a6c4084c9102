"""Guesses the charset of text that does not declare one, by the frequency of its letters.

Mails without a charset come from few regions, so few charsets are tried. Each one that decodes without error is
scored by its share of letters that are frequent in its language. charset-normalizer, which is loaded only then,
decides the rest.
"""

from banxway.providers.mail.parse.charsets.guess_latin import guess_latin

_COMMON = {
    "gb18030": (
        "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后"
        "作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因"
        "只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应"
        "战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿"
        "原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太"
        "量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界"
        "达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今"
        "切院让识候带导争运谢请您邮附收联客户号码订单"
    ),
    "cp950": (
        "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後"
        "作里用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因"
        "只從想實日者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰"
        "向頭文體政美相見被利什二等產或新己制身果加西月話合回特代內信表化老給世位次度門任常先海通教原東聲"
        "提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感"
        "建務做接必場件計管期市直德資命山金指許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強"
        "即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識"
        "候帶導爭運謝請您郵附收聯繫客戶號碼訂單"
    ),
}
_EAST_ASIAN = ("gb18030", "cp950", "cp949", "cp932", "euc_jp")
_CYRILLIC = frozenset("оеаинтсрвлкмдпуяыьгзбчй")
_ALPHABETS = {
    "koi8_r": ("\u0400", "\u045f", _CYRILLIC),
    "cp1251": ("\u0400", "\u045f", _CYRILLIC),
    "cp866": ("\u0400", "\u045f", _CYRILLIC),
    "iso8859_5": ("\u0400", "\u045f", _CYRILLIC),
    "cp1253": ("\u0384", "\u03ce", frozenset("αοιετσνηυρπκμλςάόίέήύώω")),
    "cp1255": ("\u05b0", "\u05ea", frozenset("יוהלאמתרבשנדםק")),
    "cp1256": ("\u060c", "\u06d2", frozenset("اليمنتروبدكهعفحسة")),
    "cp874": ("\u0e01", "\u0e5b", frozenset("านรอกเงมยลวดทสตะปบคหแจพชข่้ีัิ์ืุู")),
}
_SAMPLE = 4096


def guess_charset(octets: bytes) -> str | None:
    """Return the likeliest codec of text that is neither ASCII nor UTF-8, or None. Uses about 4 KB of the text."""
    sample = _sample(octets)
    high = sum(octet > 0x7F for octet in sample)
    if not high:
        return None
    scored = [(score, codec) for codec in _EAST_ASIAN if (score := _east_asian_score(sample, codec)) > 0]
    if high * 3 > len(sample.translate(None, b" \r\n\t.,:;-0123456789")):
        scored += [(score, codec) for codec in _ALPHABETS if (score := _alphabet_score(sample, codec)) > 0]
    best = max(scored, default=(0.0, ""))
    if best[0] >= 0.45:
        return best[1]
    central = guess_latin(sample)
    if central:
        return central
    return _by_library(sample) if high >= 24 else None


def _sample(octets: bytes) -> bytes:
    """Return the lines with octets beyond ASCII from the first 256 KB, until they have more than 4 KB."""
    picked, size = [], 0
    for line in octets[: 64 * _SAMPLE].split(b"\n"):
        if not line.isascii():
            picked.append(line if len(line) <= _SAMPLE else line[:_SAMPLE])
            size += len(line)
        if size > _SAMPLE:
            break
    return b"\n".join(picked)


def _letters(sample: bytes, codec: str) -> str | None:
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError as error:
        # The sample may end inside a character.
        if error.start < len(sample) - 4 or len(sample) < _SAMPLE:
            return None
        text = sample.decode(codec, "ignore")
    return "".join(character for character in text if character > "\x7f")


def _east_asian_score(sample: bytes, codec: str) -> float:
    letters = _letters(sample, codec)
    if not letters:
        return 0.0
    if codec == "cp949":
        # Common syllables are in the older, smaller set (EUC-KR); other text read as Korean is rarely all inside it.
        usual = (
            sum(letter >= "\uac00" and len(letter.encode("euc_kr", "ignore")) == 2 for letter in letters)
            * 0.9
        )
    elif codec in _COMMON:
        common = _COMMON_SETS[codec]
        usual = sum(letter in common or letter in "，。！？、：；（）“”" for letter in letters) * 1.3
        usual -= sum("\ue000" <= letter <= "\uf8ff" or letter >= "\U00010000" for letter in letters) * 2
    else:
        kana = sum("\u3040" <= letter <= "\u30ff" for letter in letters)
        usual = kana * 1.8 + sum(letter in "、。「」ー" for letter in letters)
        # Japanese without any kana is rare, and without kana the letters could as well be Chinese.
        usual += 0.3 * sum("\u4e00" <= letter <= "\u9fff" for letter in letters) if kana else 0
        usual -= sum("\uff61" <= letter <= "\uff9f" for letter in letters)
    return min(usual / len(letters), 1.0)


def _alphabet_score(sample: bytes, codec: str) -> float:
    letters = _letters(sample, codec)
    if not letters:
        return 0.0
    first, last, frequent = _ALPHABETS[codec]
    usual = sum(letter in frequent for letter in letters)
    odd = sum(not (first <= letter <= last or letter in "«»—–№“”„…\xa0") for letter in letters)
    return (usual - 2 * odd) / len(letters)


def _by_library(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, steps=3, chunk_size=512).best()
    if best is None or best.encoding in ("utf_8", "ascii", "utf_7") or best.encoding.startswith("utf"):
        return None
    try:
        sample.decode(best.encoding)
    except (UnicodeError, LookupError):
        return None
    return best.encoding


_COMMON_SETS = {codec: frozenset(letters) for codec, letters in _COMMON.items()}
