import json

import httpx
import pytest
from starlette.datastructures import Headers

from gateway.web import body as request_body
from gateway.web.body import ANY, MediaTypes
from gateway.web.refusals import BodyTooLarge, InvalidBody, UnsupportedMediaType
from tests.web.parcels import SEEN

JSON = {"content-type": "application/json"}
GOOD = b'{"name": "vase", "grams": 1}'

MALFORMED = {
    "not JSON": b"vase",
    "cut off": b'{"name": "va',
    "two values": b"{}{}",
    "trailing text": GOOD + b"x",
    "trailing comma": b'{"name": "vase", "grams": 1,}',
    "single quotes": b"{'name': 'vase', 'grams': 1}",
    "a comment": b'{/* */"name": "vase", "grams": 1}',
    "a name without quotes": b'{name: "vase", "grams": 1}',
    "NaN": b'{"name": "vase", "grams": 1, "height": NaN}',
    "Infinity": b'{"name": "vase", "grams": 1, "height": Infinity}',
    "minus Infinity": b'{"name": "vase", "grams": 1, "height": -Infinity}',
    "hexadecimal": b'{"name": "vase", "grams": 0x10}',
    "leading zero": b'{"name": "vase", "grams": 01}',
    "plus sign": b'{"name": "vase", "grams": +1}',
    "5,000 digits": b'{"name": "vase", "grams": ' + b"9" * 5000 + b"}",
    "60,000 digits": b'{"name": "vase", "grams": ' + b"9" * 60_000 + b"}",
    "60,000 open brackets": b"[" * 60_000,
    "10,000 nested objects": b'{"name":' * 7_000 + b"1" + b"}" * 7_000,
    "deep but balanced": b"[" * 30_000 + b"]" * 30_000,
    "lone leading surrogate": b'{"name": "\\ud800", "grams": 1}',
    "lone trailing surrogate": b'{"name": "\\udc00", "grams": 1}',
    "surrogates the wrong way round": b'{"name": "\\udc00\\ud800", "grams": 1}',
    "surrogate in UTF-8": b'{"name": "\xed\xa0\x80", "grams": 1}',
    "overlong UTF-8": b'{"name": "\xc0\xaf", "grams": 1}',
    "cut UTF-8": b'{"name": "\xc3", "grams": 1}',
    "Latin-1": b'{"name": "vas\xe9", "grams": 1}',
    "UTF-16": '{"name": "vase", "grams": 1}'.encode("utf-16"),
    "UTF-16 without a mark": '{"name": "vase", "grams": 1}'.encode("utf-16-be"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "NUL": b'{"name": "va\x00se", "grams": 1}',
    "escaped NUL": b'{"name": "va\\u0000se", "grams": 1}',
    "escaped NUL in a name": b'{"na\\u0000me": 1, "name": "vase", "grams": 1}',
    "escaped NUL deep inside": b'{"name": "vase", "grams": 1, "more": [{"x": ["\\u0000"]}]}',
    "15,000 values nobody asked for": b'{"name": "vase", "grams": 1, "more": [1' + b",1" * 15_000 + b"]}",
    "a line break in a string": b'{"name": "va\nse", "grams": 1}',
    "only blanks": b" \r\n\t",
    "only NUL": b"\x00",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_json_is_one_problem_of_the_body(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/parcels", content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json() == {"no": "faulty", "faults": [["body", "json_invalid"]]}


@pytest.mark.parametrize("body", [b"[]", b'"vase"', b"1", b"null", b"true", b'[{"name": "vase", "grams": 1}]'])
def test_anything_but_an_object_on_top_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/parcels", content=body, headers=JSON)
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault[0] == "body"


@pytest.mark.parametrize("number", [b"1e999", b"-1E400", b"9" * 400 + b".0", b'[{"x": [1e400]}]'])
@pytest.mark.parametrize("name", [b"height", b"unknown"])
def test_a_number_too_large_for_a_float_is_no_infinity(client: httpx.Client, name: bytes, number: bytes) -> None:
    answer = client.post("/parcels", content=GOOD[:-1] + b', "%s": %s}' % (name, number), headers=JSON)
    assert answer.json()["faults"] == [["body", "json_invalid"]]


def test_an_escaped_backslash_before_u0000_is_no_nul(client: httpx.Client) -> None:
    answer = client.post("/parcels", content=b'{"name": "\\\\u0000", "grams": 1}', headers=JSON)
    assert answer.json()["told"]["name"] == "\\u0000"


@pytest.mark.parametrize("name", ["vasé", "花瓶", "🏺", "e\u0301", " spaced ", "\u202e", "\u2028", "\ud83c\udffa"])
def test_text_arrives_unchanged(client: httpx.Client, name: str) -> None:
    sent = json.dumps({"name": name, "grams": 1}).encode()
    assert client.post("/parcels", content=sent, headers=JSON).json()["told"]["name"] == json.loads(sent)["name"]


def test_of_two_members_of_one_name_the_last_counts(client: httpx.Client) -> None:
    answer = client.post("/parcels", content=b'{"name": "a", "grams": 1, "name": "b"}', headers=JSON)
    assert answer.json()["told"]["name"] == "b"


def test_a_missing_body_is_said_to_be_missing(client: httpx.Client) -> None:
    answer = client.post("/parcels", headers=JSON)
    assert (answer.status_code, answer.json()["faults"]) == (422, [["body", "missing"]])


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON ; charset=utf-8",
    ],
)
def test_json_is_taken_with_and_without_parameters(client: httpx.Client, media_type: str) -> None:
    answer = client.post("/parcels", content=GOOD, headers={"content-type": media_type})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "text/plain;application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json5",
        "application/vnd.api+json",
        "application/json, text/plain",
        "json",
        "",
    ],
)
def test_another_media_type_is_refused_and_not_acted_upon(client: httpx.Client, media_type: str) -> None:
    SEEN.clear()
    answer = client.post("/parcels", content=GOOD, headers={"content-type": media_type})
    assert (answer.status_code, answer.json()["no"]) == (415, "wrong type")
    assert not SEEN


def test_a_body_without_a_media_type_is_refused(client: httpx.Client) -> None:
    assert client.post("/parcels", content=GOOD).status_code == 415


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b'{"text": "x"}', "application/json"),
        (b"text=x", "application/x-www-form-urlencoded; charset=utf-8"),
        (b'{"text": "x"}', None),
    ],
)
def test_a_body_comes_as_any_type_that_is_taken(client: httpx.Client, content: bytes, media_type: str | None) -> None:
    headers = {"content-type": media_type} if media_type else {}
    answer = client.post("/parcels/depot/note", content=content, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"told": {"text": "x"}})


def test_where_several_types_are_taken_another_is_refused(client: httpx.Client) -> None:
    SEEN.clear()
    for media_type in ("text/plain", "multipart/form-data; boundary=x"):
        answer = client.post("/parcels/depot/note", content=b"text=x", headers={"content-type": media_type})
        assert answer.status_code == 415
    assert client.post("/parcels/depot/note", content=b"text=x").status_code == 422
    encoded = {"content-encoding": "gzip"}
    assert client.post("/parcels/depot/note", content=b'{"text": "x"}', headers=encoded).status_code == 415
    assert not SEEN


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity", ""])
def test_a_content_encoding_is_refused(client: httpx.Client, coding: str) -> None:
    answer = client.post("/parcels", content=GOOD, headers={**JSON, "content-encoding": coding})
    assert answer.status_code == 415


def test_a_form_is_taken_where_a_form_is_declared(client: httpx.Client) -> None:
    answer = client.post("/parcels/label", data={"text": "für Ann & Bob"})
    assert (answer.status_code, answer.json()) == (201, {"told": {"text": "für Ann & Bob"}})


def test_json_is_refused_where_a_form_is_declared(client: httpx.Client) -> None:
    assert client.post("/parcels/label", json={"text": "x"}).status_code == 415


@pytest.mark.parametrize("form", ["text=%ff", "text=%c3", "text=ü", "&".join(["a=1"] * 101 + ["text=x"])])
def test_a_form_that_is_no_form_is_refused(client: httpx.Client, form: str) -> None:
    answer = client.post(
        "/parcels/label", content=form.encode(), headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert (answer.status_code, answer.json()["faults"]) == (422, [["body", "form_invalid"]])


def _text(body: bytes, **headers: str) -> object:
    return request_body.parse(body, Headers(headers), MediaTypes((ANY,)))


@pytest.mark.parametrize("kind", ["", "application/json", "text/plain; charset=utf-8", "image/png"])
def test_a_bare_text_is_read_whatever_it_is_said_to_be(kind: str) -> None:
    for body in (b"", b"012345", b'"012345"', "grün".encode(), b"x" * 4096):
        assert _text(body, **{"content-type": kind}) == body.decode()


def test_a_bare_text_is_short_plain_and_utf_8() -> None:
    with pytest.raises(BodyTooLarge):
        _text(b"x" * 4097)
    with pytest.raises(InvalidBody):
        _text(b"\xff")
    with pytest.raises(UnsupportedMediaType):
        _text(b"x", **{"content-encoding": "gzip"})
