"""Odd mail of every kind that a long search for it turned up: forms, charsets, structures, encoded words."""
# ruff: noqa: E501  # a mail is easier to read on one line, whatever its length

import base64
import binascii
from collections.abc import Iterator

from tests.support.torture.case import Case

W = "lighthouse"
H = (
    b"From: Ann <ann@example.com>\r\nTo: desk@example.net\r\nSubject: torture\r\nMIME-Version: 1.0\r\n"
    b"Date: Mon, 4 Mar 2024 10:15:00 +0000\r\n"
)
UU = b"begin 644 a.bin\r\n" + binascii.b2a_uu(b"hello world") + b"`\r\nend\r\n"


def c(
    name: str, raw: bytes, words: tuple[str, ...] = (W,), att: int | None = None, subj: str | None = None
) -> Case:
    """A case whose words must be visible."""
    return Case(f"{name} (found)", raw, words, subj, att)


def pl(content_type: str, body: bytes | str, encoding: str = "") -> bytes:
    """A mail of one part."""
    coded = f"Content-Transfer-Encoding: {encoding}\r\n" if encoding else ""
    octets = body if isinstance(body, bytes) else body.encode()
    return H + f"Content-Type: {content_type}\r\n{coded}\r\n".encode() + octets


def found() -> Iterator[Case]:
    """Every one of them."""
    yield from (*_forms_and_charsets(), *_html_and_structures(), *_headers_and_encodings())


# fmt: off
def _forms_and_charsets() -> list[Case]:
    return [
        c("flowed",pl("text/plain; format=flowed","The light \r\nhouse keeper of \r\nthe lighthouse.\r\n> a \r\n> b\r\n"),("The light house keeper of the lighthouse.","> a b")),
        c("flowed delsp",pl("text/plain; format=flowed; delsp=yes","The light \r\nhouse stands \r\n now.\r\n"),("The lighthouse standsnow.",)),
        c("flowed stuffed",pl("text/plain; format=flowed","lighthouse\r\n From here\r\n-- \r\nAnn"),("\nFrom here","-- \nAnn")),
        c("enriched",pl("text/enriched","<bold>The</bold> lighthouse <<stands>\r\n\r\nnext <color><param>red</param>word</color>"),("The lighthouse <stands>","next word")),
        c("richtext",pl("text/richtext","<bold>The</bold> lighthouse<nl>next <lt>x"),("The lighthouse\nnext <x",)),
        c("uuencode part file",H+b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nlighthouse\r\n--b\r\nContent-Type: application/octet-stream; name="a.bin"\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n'+UU+b"--b--\r\n",(W,),1),
        c("uuencode without end",pl("text/plain",b"lighthouse\r\nbegin 644 a.bin\r\n"+binascii.b2a_uu(b"hello world")+b"`\r\n"),(W,)),
        c("begin-base64",pl("text/plain",b"lighthouse\r\nbegin-base64 644 a.bin\r\n"+base64.b64encode(b"hello")+b"\r\n====\r\n"),(W,)),
        c("binhex",pl("text/plain","lighthouse\r\n(This file must be converted with BinHex 4.0)\r\n:$f*TEQKPH#jdH8...:\r\n"),(W,)),
        c("appledouble",H+b'Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: text/plain\r\n\r\nlighthouse\r\n--o\r\nContent-Type: multipart/appledouble; boundary=i\r\n\r\n--i\r\nContent-Type: application/applefile; name="%a.doc"\r\n\r\nxx\r\n--i\r\nContent-Type: application/msword; name="a.doc"\r\n\r\nDOC\r\n--i--\r\n--o--\r\n',(W,),2),
        c("html before plain alternative",H+b'Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html lighthouse</p>\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain lighthouse\r\n--b--\r\n',("plain lighthouse",)),
        c("alternative of mixed",H+b'Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain lighthouse\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>one</p>\r\n--c\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nPDF\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>two</p>\r\n--c--\r\n--b--\r\n',("plain lighthouse",),1),
        c("apple mail plain+pdf alternative",H+b'Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\r\n--b\r\nContent-Type: multipart/related; boundary=c; type="text/html"\r\n\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>lighthouse</p><img src="cid:x">\r\n--c\r\nContent-Type: image/png; name=i.png\r\nContent-ID: <x>\r\n\r\nPNG\r\n--c--\r\n--b--\r\n',(W,),1),
        c("smime opaque",H+b'Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n'+base64.encodebytes(bytes.fromhex("3080")+b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"+b"Content-Type: text/plain\r\n\r\nThe lighthouse stands.\r\n"+b"\x00\x00"),(),1),
        c("pgp inline signed",pl("text/plain","-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n- -lighthouse\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nabc\r\n-----END PGP SIGNATURE-----\r\n")),
        c("mdn",H+b'Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nlighthouse read\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822;a@b\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--b--\r\n',(W,)),
        c("utf-16 no bom le",pl("text/plain; charset=utf-16","lighthouse 東".encode("utf-16-le")),(W,"東")),
        c("utf-32",pl("text/plain; charset=utf-32","lighthouse 東".encode("utf-32")),(W,"東")),
        c("utf-32 le no bom",pl("text/plain; charset=utf-32","lighthouse 東".encode("utf-32-le"),"8bit"),(W,"東")),
        c("utf-16 unlabelled bom",pl("text/plain","lighthouse 東".encode("utf-16")),(W,"東")),
        c("utf-16le unlabelled no bom",pl("text/plain; charset=utf-8","lighthouse stands here".encode("utf-16-le")),(W,)),
        c("utf-7 unlabelled? declared",pl("text/plain; charset=UTF-7","lighthouse +ZeVnLIqe-"),(W,"日本語")),
        c("imap utf7 label x-imap4-modified-utf7",pl("text/plain; charset=x-unicode-2-0-utf-7","lighthouse +ZeVnLIqe-"),("日本語",)),
        c("iso-2022-kr",pl("text/plain; charset=iso-2022-kr",("lighthouse 안녕").encode("iso-2022-kr")),(W,"안녕")),
        c("iso-2022-cn",pl("text/plain; charset=iso-2022-cn",b"lighthouse \x1b$)A\x0e"+bytes(x&0x7f for x in "您好".encode("gb2312"))+b"\x0f end"),(W,"您好","end")),
        c("iso-2022-jp-2",pl("text/plain; charset=iso-2022-jp-2","lighthouse 日本 é".encode("iso2022_jp_2")),(W,"日本","é")),
        c("iso-2022-jp-ms",pl("text/plain; charset=cp50220",b"lighthouse "+"日本".encode("iso2022_jp")),(W,"日本")),
        c("iso-2022-jp 1-byte kana SO/SI",pl("text/plain; charset=iso-2022-jp",b"lighthouse \x1b(J\x0e1\x0f"),(W,)),
        c("big5-hkscs",pl("text/plain; charset=big5-hkscs","lighthouse 嘅 您好".encode("big5hkscs")),(W,"嘅")),
        c("big5 with hkscs chars",pl("text/plain; charset=big5","lighthouse 嘅咗喺 您好".encode("big5hkscs")),(W,"嘅")),
        c("gb2312 with gbk",pl("text/plain; charset=gb2312","lighthouse 镕 鎔".encode("gbk")),(W,"镕")),
        c("euc-tw",pl("text/plain; charset=euc-tw",b"lighthouse \xc4\xe3\xa6\xba"),(W,)),
        c("koi8-u",pl("text/plain; charset=koi8-u","lighthouse Їжак".encode("koi8-u")),(W,"Їжак")),
        c("x-mac-cyrillic",pl("text/plain; charset=x-mac-cyrillic","lighthouse Привет".encode("mac_cyrillic")),(W,"Привет")),
        c("x-mac-ce",pl("text/plain; charset=x-mac-ce","lighthouse Příliš".encode("mac_latin2")),(W,"Příliš")),
        c("x-mac-greek",pl("text/plain; charset=x-mac-greek","lighthouse Καλη".encode("mac_greek")),(W,"Καλη")),
        c("x-mac-turkish",pl("text/plain; charset=x-mac-turkish","lighthouse İş".encode("mac_turkish")),(W,"İş")),
        c("x-mac-japanese",pl("text/plain; charset=x-mac-japanese","lighthouse 日本".encode("shift_jis")),(W,"日本")),
        c("x-mac-korean",pl("text/plain; charset=x-mac-korean","lighthouse 안녕".encode("euc-kr")),(W,"안녕")),
        c("x-mac-chinesesimp",pl("text/plain; charset=x-mac-chinesesimp","lighthouse 您好".encode("gb2312")),(W,"您好")),
        c("x-mac-hebrew",pl("text/plain; charset=iso-8859-8-i","lighthouse שלום".encode("iso8859_8")),(W,"שלום")),
        c("visual hebrew",pl("text/plain; charset=iso-8859-8","lighthouse שלום".encode("iso8859_8")),(W,"שלום")),
        c("ibm850",pl("text/plain; charset=ibm850","lighthouse é".encode("cp850")),(W,"é")),
        c("cp437",pl("text/plain; charset=ibm437","lighthouse é".encode("cp437")),(W,"é")),
        c("iso-8859-10",pl("text/plain; charset=iso-8859-10","lighthouse ŋ".encode("iso8859_10")),(W,"ŋ")),
        c("iso-ir-100",pl("text/plain; charset=iso-ir-100","lighthouse é".encode("latin1")),(W,"é")),
        c("csISOLatin1",pl("text/plain; charset=csISOLatin1","lighthouse é".encode("latin1")),(W,"é")),
        c("csShiftJIS",pl("text/plain; charset=csShiftJIS","lighthouse 日本".encode("cp932")),(W,"日本")),
        c("windows-31j",pl("text/plain; charset=windows-31j","lighthouse ①".encode("cp932")),(W,"①")),
        c("eucjp-ms",pl("text/plain; charset=eucJP-ms","lighthouse 日本".encode("euc_jp")),(W,"日本")),
        c("cp51932",pl("text/plain; charset=cp51932","lighthouse 日本".encode("euc_jp")),(W,"日本")),
        c("euc-jp nec",pl("text/plain; charset=euc-jp",b"lighthouse \xad\xa1"),(W,"①")),
        c("sjis emoji",pl("text/plain; charset=shift_jis",b"lighthouse \xf9\x8b ok"),(W,"ok")),
        c("cesu-8",pl("text/plain; charset=utf-8",b"lighthouse \xed\xa0\xbd\xed\xb8\x80 x"),(W,"x")),
        c("cesu8 utf-8 overlong",pl("text/plain; charset=utf-8",b"lighthouse \xc0\x80 x"),(W,"x")),
        c("double utf8",pl("text/plain; charset=utf-8","lighthouse Ã©"),(W,)),
        c("utf8 within latin1, said utf8",pl("text/plain; charset=utf-8","lighthouse Atenção ".encode()+"divulgação proibida, revelação, distribuição, impressão, prévia autorização".encode("cp1252")),(W,"Atenção","divulgação","impressão")),
        c("latin1 whose letters look like utf8",pl("text/plain; charset=utf-8","lighthouse CAFÉ» MENÜ“ déjà vu à Paris".encode("cp1252")),(W,"CAFÉ»","MENÜ“","déjà")),
        c("utf8 in iso",pl("text/plain; charset=iso-8859-1","lighthouse Grüße"),(W,"Grüße")),
        c("ebcdic",pl("text/plain; charset=ibm037","lighthouse".encode("cp037")),(W,)),
        c("ebcdic b64",pl("text/plain; charset=cp500",base64.b64encode("lighthouse".encode("cp500")),"base64"),(W,)),
    ]


def _html_and_structures() -> list[Case]:
    return [
        c("html meta charset only",pl("text/html",'<html><head><meta charset="windows-1251"></head><p>lighthouse Привет</p>'.encode("cp1251")),(W,"Привет")),
        c("html meta charset conflicting",pl("text/html; charset=utf-8",'<html><head><meta http-equiv="Content-Type" content="text/html; charset=koi8-r"></head><p>lighthouse Здравствуйте дорогой</p>'.encode("koi8-r")),(W,"Здравствуйте")),
        c("html meta shift_jis no charset",pl("text/html",'<html><head><meta http-equiv="Content-Type" content="text/html; charset=shift_jis"></head><p>lighthouse 日本</p>'.encode("cp932")),(W,"日本")),
        c("html only meta short latin2",pl("text/html",'<meta charset=iso-8859-2><p>lighthouse Ł'.encode("iso8859_2")),(W,"Ł")),
        c("html xml decl",pl("text/html",'<?xml version="1.0" encoding="windows-1250"?><p>lighthouse Ł'.encode("cp1250")),(W,"Ł")),
        c("html entities no body",pl("text/html","lighthouse &eacute; &#x6771;"),(W,"é 東")),
        c("html noscript",pl("text/html","<noscript>lighthouse</noscript>")),
        c("html frameset",pl("text/html","<frameset><frame src=x></frameset><noframes>lighthouse</noframes>")),
        c("html in title only",pl("text/html","<html><head><title>lighthouse</title></head><body></body></html>")),
        c("html img alt only",pl("text/html","<img src=x alt='lighthouse'>")),
        c("html textarea",pl("text/html","<textarea>lighthouse</textarea><input value='x'>")),
        c("html conditional comments",pl("text/html","<!--[if mso]><p>mso</p><![endif]--><!--[if !mso]><!--><p>lighthouse</p><!--<![endif]-->")),
        c("html unclosed comment",pl("text/html","<p>lighthouse</p><!-- never closed <p>more")),
        c("html unclosed style",pl("text/html","<p>lighthouse</p><style> p {} <p>more")),
        c("html unclosed title",pl("text/html","<html><head><title>x<body><p>lighthouse</p>")),
        c("html unclosed script first",pl("text/html","<script>var x;<p>lighthouse</p>")),
        c("html display none",pl("text/html","<div style='display:none'>pre</div>lighthouse")),
        c("html utf16 declared",pl("text/html; charset=utf-16",base64.encodebytes("<p>lighthouse 東</p>".encode("utf-16")),"base64"),(W,"東")),
        c("html doc as text/plain",pl("text/plain","<html><body><p>lighthouse</p></body></html>")),
        c("application/xhtml+xml",pl("application/xhtml+xml","<html><body>lighthouse</body></html>"),(W,)),
        c("text without type",pl("text","lighthouse")),
        c("html as type html",pl("html","<p>lighthouse</p>")),
        c("plain as TEXT/PLAIN CHARSET=US-ASCII",pl("TEXT/PLAIN CHARSET=US-ASCII","lighthouse")),
        c("text/plain charset missing semi",pl('text/plain charset="koi8-r"',"lighthouse Здравствуйте".encode("koi8-r")),(W,"Здравствуйте")),
        c("multipart boundary with spaces",H+b'Content-Type: multipart/mixed; boundary="a b c"\r\n\r\n--a b c\r\n\r\nlighthouse\r\n--a b c--\r\n'),
        c("multipart boundary trailing space",H+b'Content-Type: multipart/mixed; boundary="abc "\r\n\r\n--abc \r\n\r\nlighthouse\r\n--abc --\r\n'),
        c("multipart boundary single quotes",H+b"Content-Type: multipart/mixed; boundary='abc'\r\n\r\n--abc\r\n\r\nlighthouse\r\n--abc--\r\n"),
        c("multipart boundary single quotes kept",H+b"Content-Type: multipart/mixed; boundary='abc'\r\n\r\n--'abc'\r\n\r\nlighthouse\r\n--'abc'--\r\n"),
        c("boundary= with escapes",H+b'Content-Type: multipart/mixed; boundary="a\\"b"\r\n\r\n--a"b\r\n\r\nlighthouse\r\n--a"b--\r\n'),
        c("boundary comment",H+b'Content-Type: multipart/mixed (x); boundary=abc (comment)\r\n\r\n--abc\r\n\r\nlighthouse\r\n--abc--\r\n'),
        c("boundary case",H+b'Content-Type: multipart/mixed; BOUNDARY=abc\r\n\r\n--abc\r\n\r\nlighthouse\r\n--abc--\r\n'),
        c("two content types",H+b'Content-Type: text/html\r\nContent-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\n\r\nlighthouse\r\n--abc--\r\n'),
        c("boundary encoded 2231",H+b"Content-Type: multipart/mixed; boundary*=us-ascii''abc%20d\r\n\r\n--abc d\r\n\r\nlighthouse\r\n--abc d--\r\n"),
        c("boundary differs in case",H+b'Content-Type: multipart/mixed; boundary=abc\r\n\r\n--ABC\r\nContent-Type: text/plain\r\n\r\nlighthouse\r\n--ABC--\r\n'),
        c("no final newline",H+b'Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\n\r\nlighthouse\r\n--abc--'),
        c("text after close (stray)",H+b'Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\n\r\nfirst\r\n--abc--\r\nlighthouse footer\r\n',("first",)),
        c("parts after the closing",H+b'Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\n\r\nfirst\r\n--abc--\r\n--abc\r\nContent-Type: text/plain\r\n\r\nlighthouse\r\n--abc--\r\n',("first",W)),
        c("header-only part",H+b'Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\nContent-Type: text/plain\r\n--abc\r\n\r\nlighthouse\r\n--abc--\r\n'),
        c("part w/o blank line",H+b'Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\nContent-Type: text/plain\r\nlighthouse\r\n--abc--\r\n'),
        c("multipart with base64 root",H+b'Content-Transfer-Encoding: base64\r\nContent-Type: multipart/mixed; boundary=abc\r\n\r\n'+base64.encodebytes(b'--abc\r\n\r\nlighthouse\r\n--abc--\r\n')),
        c("nested same boundary prefix",H+b'Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\nContent-Type: multipart/alternative; boundary=abcd\r\n\r\n--abcd\r\n\r\nlighthouse\r\n--abcd--\r\n--abc--\r\n'),
        c("header runs into the first part",H+b'Content-Type: multipart/alternative; boundary="=_x"\r\nX-Note: a\r\n b\r\n--=_x\r\nContent-Type: text/plain\r\n\r\nplain lighthouse\r\n--=_x\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--=_x--\r\n',("plain lighthouse",)),
        c("alternative within alternative says more",H+b'Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nouter\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\ninner lighthouse\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>other</p>\r\n--c--\r\n--b--\r\n',("outer","inner lighthouse")),
        c("inner unclosed",H+b'Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\nContent-Type: multipart/alternative; boundary=xyz\r\n\r\n--xyz\r\n\r\nlighthouse\r\n--abc\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nPDF\r\n--abc--\r\n',(W,),1),
        c("message/partial",H+b'Content-Type: message/partial; id=x; number=1; total=2\r\n\r\nFrom: a@b.c\r\nSubject: y\r\n\r\nlighthouse\r\n'),
        c("external-body",H+b'Content-Type: message/external-body; access-type=URL; URL="http://x.example/f"\r\n\r\nContent-Type: text/plain\r\n\r\nlighthouse\r\n'),
        c("rfc822 b64",H+b'Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n'+base64.encodebytes(H+b"\r\nlighthouse")+b'--abc--\r\n',(W,),1),
        c("rfc822 as octet-stream eml",H+b'Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\n\r\nlighthouse\r\n--abc\r\nContent-Type: application/octet-stream; name=x.eml\r\n\r\n'+H+b"\r\nhi"+b'\r\n--abc--\r\n',(W,),1),
    ]


def _headers_and_encodings() -> list[Case]:
    return [
        c("mbox From in body",pl("text/plain","lighthouse\r\n>From here\r\n"),(W,)),
        c("NULs in header",H.replace(b"torture",b"tor\0ture")+b"\r\nlighthouse",(W,),None,"torture"),
        c("CR only",(H+b"\r\nlighthouse\r\nsecond\r\n").replace(b"\r\n",b"\r"),(W,"second")),
        c("LFCR",(H+b"\r\nlighthouse\r\n").replace(b"\r\n",b"\n\r")),
        c("CRCRLF",(H+b"\r\nlighthouse\r\nsecond\r\n").replace(b"\r\n",b"\r\r\n"),(W,"second"),None,"torture"),
        c("unicode line sep in subject",H.replace(b"torture","tor\u2028ture".encode())+b"\r\nlighthouse"),
        c("ISO-2022-JP subj raw",H.replace(b"torture","日本".encode("iso2022_jp"))+b"\r\nlighthouse",(W,),None,"日本"),
        c("subject q with raw utf8",H.replace(b"torture",b"=?utf-8?Q?Gr\xc3\xbc=C3=9Fe?=")+b"\r\nlighthouse",(W,),None,"Grüße"),
        c("subject multi line words with split char in Q",H.replace(b"torture",b"=?utf-8?Q?a=C3?=\r\n =?utf-8?Q?=A9b?=")+b"\r\nlighthouse",(W,),None,"aéb"),
        c("subject case diff charset adj",H.replace(b"torture",b"=?UTF-8?B?w6k=?= =?utf-8?b?w6k=?=")+b"\r\nlighthouse",(W,),None,"éé"),
        c("subject mixed encodings of one char",H.replace(b"torture",b"=?utf-8?B?5p0=?= =?utf-8?Q?=B1?=")+b"\r\nlighthouse",(W,),None,"東"),
        c("subject b64 with spaces inside",H.replace(b"torture",b"=?utf-8?B?w6kg w6k=?=")+b"\r\nlighthouse",(W,),None,"é é"),
        c("subject with ? in Q text",H.replace(b"torture",b"=?utf-8?Q?what??=")+b"\r\nlighthouse",(W,),None,"what?"),
        c("subject = in Q end",H.replace(b"torture",b"=?utf-8?Q?a=?=")+b"\r\nlighthouse"),
        c("subject quoted word",H.replace(b"torture",b'"=?utf-8?Q?a=C3=A9?="')+b"\r\nlighthouse",(W,),None,'"aé"'),
        c("subject nested",H.replace(b"torture",b"=?utf-8?B?PT91dGYtOD9RP2E9QzM9QTk/PQ==?=")+b"\r\nlighthouse"),
        c("encoded word glued text",H.replace(b"torture",b"Re:=?utf-8?Q?a?=b =?utf-8?Q?c?=d")+b"\r\nlighthouse",(W,),None,"Re:ab cd"),
        c("encoded word fold inside",H.replace(b"torture",b"=?utf-8?Q?one\r\n two?=")+b"\r\nlighthouse",(W,),None,"one two"),
        c("encoded ks_c",H.replace(b"torture",b"=?ks_c_5601-1987?B?"+base64.b64encode("안녕".encode("cp949"))+b"?=")+b"\r\nlighthouse",(W,),None,"안녕"),
        c("encoded utf-16",H.replace(b"torture",b"=?utf-16?B?"+base64.b64encode("abc".encode("utf-16"))+b"?=")+b"\r\nlighthouse",(W,),None,"abc"),
        c("percent-encoded filename",H+b'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nlighthouse\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="r%C3%A9.pdf"\r\n\r\nx\r\n--b--\r\n',(W,),1),
        c("empty mail",b"",()),
        c("only headers",H,(),None,"torture"),
        c("only headers no newline",H.rstrip(),(),None,"torture"),
        c("only blank",b"\r\n\r\n",()),
        c("Content-Type with newline boundary fold",H+b'Content-Type: multipart/mixed;\r\n\tboundary="abc";\r\n\ttype="x"\r\n\r\n--abc\r\n\r\nlighthouse\r\n--abc--\r\n'),
        c("cte uppercase quotes",pl("text/plain",base64.b64encode(b"lighthouse"),'"base64"')),
        c("cte b64 for html with trailing junk",pl("text/html",base64.encodebytes(b"<p>lighthouse</p>")+b"\r\n\x00\x00",'base64')),
        c("qp with lone CR",pl("text/plain","light=\rhouse",'quoted-printable'),(W,)),
        c("qp lowercase softs",pl("text/plain","light=\r\nhouse=20=e2=82=ac",'quoted-printable'),(W,"€")),
        c("qp with =0D=0A",pl("text/plain","lighthouse=0D=0Asecond",'quoted-printable'),("lighthouse\nsecond",)),
        c("qp said 7bit",pl("text/plain; charset=utf-8","lighthouse Gr=C3=BC=C3=9Fe, und =\r\nso weiter",'7bit'),(W,)),
        c("b64 said 7bit",pl("text/plain",base64.encodebytes(b"The lighthouse stands. "*10),'7bit'),()),
        c("hz",pl("text/plain; charset=hz-gb-2312",b"lighthouse ~{"+bytes(x&0x7f for x in "您好".encode("gb2312"))+b"~} ~~"),(W,"您好","~")),
        c("hz unlabelled",pl("text/plain",b"lighthouse ~{"+bytes(x&0x7f for x in "您好".encode("gb2312"))+b"~}"),(W,)),
        c("text/plain attachment only",H+b'Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nlighthouse',(W,)),
        c("inline text with filename",H+b'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: inline; filename=a.txt\r\n\r\nlighthouse\r\n--b--\r\n',(W,)),
        c("vcard only",pl("text/vcard","BEGIN:VCARD\r\nFN:lighthouse\r\nEND:VCARD\r\n"),()),
        c("json body",pl("application/json",'{"a":"lighthouse"}'),(),1),
        c("xml body",pl("text/xml",'<a>lighthouse</a>'),(W,)),
        c("image body",pl("image/png",b"\x89PNG"),(),1),
        c("amp",H+b'Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/x-amp-html\r\n\r\n<html amp4email>AMP\r\n--b\r\nContent-Type: text/plain\r\n\r\nlighthouse\r\n--b--\r\n'),
        c("date rfc850",H.replace(b"Mon, 4 Mar 2024 10:15:00 +0000",b"Monday, 04-Mar-24 10:15:00 GMT")+b"\r\nlighthouse"),
    ]
