"""What fits into one answer of a function, and the headers of files and pages."""

import base64
import gzip
import json

import pytest

from banxway.entrypoints.replies import (
    File,
    HtmlPage,
    Reply,
    failure_response,
    file_response,
    json_response,
    listing,
    page_response,
)
from banxway.errors import ProviderRejected, TooLarge, ValidationFailed
from banxway.models.pages import FilePiece
from tests.support.gates.chance import dice

LARGEST, COMPRESSED_FROM = 5_900_000, 100_000
GZIP = {"accept-encoding": "gzip"}


def a_file(*contents, next_cursor=None):
    pieces = [FilePiece(content, str(at)) for at, content in enumerate(contents or ("a,b",))]
    pieces[-1] = FilePiece(pieces[-1].content, next_cursor)
    return File(pieces, "text/csv", "trail.csv")


def plain(size):
    return file_response(a_file("x" * size), {})


def test_a_file_is_saved_and_never_shown_or_kept():
    assert file_response(a_file(), {}) == {
        "statusCode": 200,
        "headers": {
            "Content-Type": "text/csv",
            "Content-Disposition": 'attachment; filename="trail.csv"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "X-Truncated": "false",
        },
        "body": "a,b",
    }


def test_a_file_that_was_cut_off_says_where_to_go_on():
    headers = file_response(a_file(next_cursor="next"), {})["headers"]

    assert (headers["X-Truncated"], headers["X-Next-Cursor"]) == ("true", "next")


def test_a_page_is_kept_apart_and_tells_nobody_where_its_reader_came_from():
    assert page_response(HtmlPage("<p>", "default-src 'none'"), {}) == {
        "statusCode": 200,
        "headers": {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": "default-src 'none'",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
        "body": "<p>",
    }


@pytest.mark.parametrize(
    ("size", "is_packed"), [(COMPRESSED_FROM - 1, False), (COMPRESSED_FROM, True)], ids=["small", "large"]
)
def test_what_is_large_is_compressed_for_those_who_accept_it(size, is_packed):
    answer = file_response(a_file("x" * size), GZIP)

    assert answer.get("isBase64Encoded", False) is is_packed
    assert answer["headers"].get("Content-Encoding") == ("gzip" if is_packed else None)
    assert answer["headers"].get("Vary") == ("Accept-Encoding" if is_packed else None)
    body = answer["body"]
    assert (gzip.decompress(base64.b64decode(body)).decode() if is_packed else body) == "x" * size


@pytest.mark.parametrize(
    "offered",
    ["gzip", "gzip, br", "br,gzip", "deflate, gzip;q=0.5", "gzip;q=1.0", "br ; q=1 , gzip ; q=0.1"],
)
def test_who_offers_gzip_gets_it(offered):
    assert file_response(a_file("x" * COMPRESSED_FROM), {"accept-encoding": offered})["isBase64Encoded"]


@pytest.mark.parametrize("offered", ["", "br", "gzip;q=0", "gzip; q=0.0", "x-gzip", "*", "gzipped"])
def test_who_does_not_offer_it_gets_plain_text(offered):
    answer = file_response(a_file("x" * COMPRESSED_FROM), {"accept-encoding": offered})

    assert "isBase64Encoded" not in answer


def test_no_answer_is_larger_than_a_function_may_give():
    """Lambda's limit is 6 MB; what counts is bytes as its runtime writes them, and after compression."""
    assert plain(LARGEST)["statusCode"] == 200
    with pytest.raises(TooLarge, match="narrow the filters, or accept gzip") as refused:
        plain(LARGEST + 1)
    assert refused.value.details == {"limit_bytes": LARGEST}
    with pytest.raises(TooLarge):
        file_response(a_file("é" * (LARGEST // 6 + 1)), {})
    with pytest.raises(TooLarge):
        file_response(a_file('"' * (LARGEST // 2 + 1)), {})
    with pytest.raises(TooLarge, match="ask for it with gzip accepted"):
        page_response(HtmlPage("x" * (LARGEST + 1), ""), {})
    assert file_response(a_file("x" * (LARGEST + 1)), GZIP)["isBase64Encoded"]


@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "packed"])
def test_a_file_ends_behind_the_last_piece_that_fits(headers):
    throw = dice(5)
    # Random bytes as text: gzip saves a quarter of it, and base64 adds a third again.
    pieces = [throw.randbytes(500_000).hex() for _ in range(20)]

    answer = file_response(a_file(*pieces, next_cursor="end"), headers)

    taken = int(answer["headers"]["X-Next-Cursor"]) + 1
    assert 4 < taken < 20
    body = answer["body"]
    assert len(body) <= LARGEST
    text = gzip.decompress(base64.b64decode(body)).decode() if headers else body
    assert text == "".join(pieces[:taken])
    assert answer["headers"]["X-Truncated"] == "true"


LARGEST_JSON = 5_000_000


def as_lambda_writes(answer):
    return len(json.dumps(answer["body"]))


@pytest.mark.parametrize(
    ("sign", "bytes_each"), [("x", 1), ('"', 4), ("\n", 3), ("\x01", 7), ("न", 6), ("😀", 12)]
)
def test_a_json_answer_is_at_most_five_megabytes_as_lambda_writes_it(sign, bytes_each):
    most = (LARGEST_JSON - 100) // bytes_each

    assert as_lambda_writes(json_response(Reply(sign * most))) <= LARGEST_JSON
    with pytest.raises(TooLarge, match="answer is too large") as refused:
        json_response(listing([sign * (most + 100)]))
    assert refused.value.details == {"limit_bytes": LARGEST_JSON}


def test_what_others_wrote_into_an_error_is_cut_and_says_so():
    refused = ProviderRejected(
        "Refused", provider="exotel", operation="send", provider_status=400, provider_message="x" * 10_000_000
    )

    answer = failure_response(refused, "id-1")
    content = json.loads(answer["body"])

    assert as_lambda_writes(answer) < 100_000
    assert content["details"]["status_code"] == 400
    assert content["details"]["exotel_error"].endswith("x…")
    assert content["request_id"] == "id-1"


def test_a_sentence_that_quotes_much_is_cut():
    answer = failure_response(
        ValidationFailed("Unknown field: " + '"' * 500_000, field='"' * 500_000), "id-1"
    )
    content = json.loads(answer["body"])

    assert as_lambda_writes(answer) < 100_000
    assert content["error"].startswith('Unknown field: """')
    assert content["error"].endswith('"…')
    assert content["details"]["field"].endswith('"…')
