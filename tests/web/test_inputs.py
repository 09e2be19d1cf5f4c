import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.parcels import GOOD_TOKEN, SEEN
from tests.web.serving import Served

BEARER = {"authorization": f"Bearer {GOOD_TOKEN}"}
GOOD: dict[str, Any] = {"name": "vase", "grams": 1}


def _faults(answer: httpx.Response) -> list[list[Any]]:
    assert answer.status_code == 422
    faults: list[list[Any]] = answer.json()["faults"]
    return faults


@pytest.mark.parametrize("name", ["tag", "carrier"])
@pytest.mark.parametrize(("query", "expected"), [(["a"], ["a"]), (["a", "b"], ["a", "b"]), ([""], [""])])
def test_a_query_list_is_a_list_however_often_it_is_sent(
    client: httpx.Client, name: str, query: list[str], expected: list[str]
) -> None:
    told = client.get("/parcels", params={name: query}).json()["told"]
    assert told["tags" if name == "tag" else "carriers"] == expected


def test_a_query_list_that_is_not_sent_has_its_default(client: httpx.Client) -> None:
    assert client.get("/parcels").json()["told"] == {"tags": [], "carriers": None, "most": 10}


def test_a_number_in_a_query_is_read_from_its_text(client: httpx.Client) -> None:
    assert client.get("/parcels?most=25").json()["told"]["most"] == 25


def test_plus_and_percent_in_a_query_are_decoded(client: httpx.Client) -> None:
    assert client.get("/parcels?tag=a+b%26%C3%BC").json()["told"]["tags"] == ["a b&ü"]


@pytest.mark.parametrize("query", ["tag=%ff", "tag=%c3%28", "&".join(["x=1"] * 129)])
def test_a_query_that_cannot_be_read_is_refused(client: httpx.Client, query: str) -> None:
    assert _faults(client.get(f"/parcels?{query}")) == [["query", "query_invalid"]]


def test_a_wrong_value_in_a_query_is_named(client: httpx.Client) -> None:
    assert _faults(client.get("/parcels?most=many")) == [["query", "most", "int_parsing"]]


def test_further_query_parameters_are_ignored(client: httpx.Client) -> None:
    assert client.post("/parcels?name=other&grams=9", json=GOOD).json()["told"]["name"] == "vase"


def test_nothing_is_taken_from_a_query_that_belongs_into_the_body(client: httpx.Client) -> None:
    answer = client.post("/parcels?name=vase", json={"grams": 1})
    assert _faults(answer) == [["body", "name", "missing"]]


def test_further_members_of_a_body_are_ignored(client: httpx.Client) -> None:
    told = client.post("/parcels", json={**GOOD, "admin": True, "id": 7}).json()["told"]
    assert not {"admin", "id"} & told.keys()


@pytest.mark.parametrize("wrong", [7, 1.5, True, None, [], ["vase"], {}, {"$ne": ""}])
def test_text_must_be_text(client: httpx.Client, wrong: object) -> None:
    assert _faults(client.post("/parcels", json={**GOOD, "name": wrong})) == [["body", "name", "string_type"]]


@pytest.mark.parametrize("wrong", ["1", 1.0, 1.5, True, None, [], {}, [1]])
def test_a_whole_number_must_be_a_whole_number(client: httpx.Client, wrong: object) -> None:
    assert _faults(client.post("/parcels", json={**GOOD, "grams": wrong})) == [["body", "grams", "int_type"]]


@pytest.mark.parametrize("wrong", ["true", "perhaps", 1, 0, [], {}])
def test_a_boolean_must_be_a_boolean(client: httpx.Client, wrong: object) -> None:
    assert _faults(client.post("/parcels", json={**GOOD, "fragile": wrong})) == [["body", "fragile", "bool_type"]]


def test_null_is_taken_where_it_is_declared(client: httpx.Client) -> None:
    assert client.post("/parcels", json={**GOOD, "fragile": None}).json()["told"]["fragile"] is None


def test_a_place_inside_a_list_is_named_by_its_number(client: httpx.Client) -> None:
    answer = client.post("/parcels", json={**GOOD, "tags": ["a", 7, "b", None]})
    assert _faults(answer) == [["body", "tags", 1, "string_type"], ["body", "tags", 3, "string_type"]]


def test_text_over_its_maximum_is_refused(client: httpx.Client) -> None:
    assert client.post("/parcels", json={**GOOD, "name": "a" * 1024}).status_code == 200
    assert _faults(client.post("/parcels", json={**GOOD, "name": "a" * 1025})) == [["body", "name", "string_too_long"]]


def test_all_problems_of_all_places_come_in_one_answer(client: httpx.Client) -> None:
    SEEN.clear()
    answer = client.put("/parcels/7/address?most=many&tag=%41", json={"street": 7}, headers=BEARER)
    assert _faults(answer) == [
        ["query", "most", "int_parsing"],
        ["header", "x-depot", "missing"],
        ["body", "street", "string_type"],
    ]
    assert not SEEN


def test_a_wrong_media_type_does_not_hide_the_other_problems(client: httpx.Client) -> None:
    answer = client.put("/parcels/7/address", content=b"{}", headers={**BEARER, "content-type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json()["faults"] == [["header", "x-depot", "missing"], ["body", "media_type"]]


def test_all_missing_members_are_listed(client: httpx.Client) -> None:
    assert _faults(client.post("/parcels", json={})) == [["body", "name", "missing"], ["body", "grams", "missing"]]


def test_an_empty_header_is_refused_where_text_is_demanded(client: httpx.Client) -> None:
    answer = client.put("/parcels/7/address", json={"street": "x"}, headers={**BEARER, "x-depot": ""})
    assert _faults(answer) == [["header", "x-depot", "string_too_short"]]


def test_a_header_is_found_whatever_its_case(client: httpx.Client) -> None:
    answer = client.put("/parcels/7/address", json={"street": "x"}, headers={**BEARER, "X-DePoT": "north"})
    assert answer.json()["told"] == {"by": "ann-id", "id": "7", "depot": "north", "street": "x"}


def test_a_header_sent_twice_is_one_value_with_a_comma(client: httpx.Client) -> None:
    headers = [("authorization", BEARER["authorization"]), ("x-depot", "north"), ("x-depot", "south")]
    answer = client.put("/parcels/7/address", json={"street": "x"}, headers=headers)
    assert answer.json()["told"]["depot"] == "north, south"


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [("7", "7"), ("a%20b", "a b"), ("%C3%BC", "ü"), ("a+b", "a+b"), ("%zz", "%zz"), ("..%00", "..\0")],
)
def test_a_path_parameter_is_decoded_once(parcels: Served, sent: str, arrives: str) -> None:
    request = f"GET /parcels/{sent} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    answer = parcels.say(request.encode())
    assert httpx.Response(200, content=answer.partition(b"\r\n\r\n")[2]).json() == {"told": {"id": arrives}}


def test_what_was_sent_is_never_repeated(client: httpx.Client) -> None:
    answer = client.post("/parcels", json={"name": ["kept-to-myself"], "grams": "kept-to-myself"})
    assert answer.status_code == 422
    assert "kept-to-myself" not in answer.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200)
@given(
    body=st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "grams", "fragile", "height", "tags"), JSON)) | JSON
)
def test_any_json_is_taken_or_refused_in_the_surface_s_words(client: httpx.Client, body: object) -> None:
    answer = client.post("/parcels", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code in (200, 422)
    assert ("told" in answer.json()) == (answer.status_code == 200)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"text":5}', b"{}"])
def test_a_bad_body_is_told_from_bad_parameters_where_a_document_does_so(client: httpx.Client, body: bytes) -> None:
    for target, places in (("?grams=5", {"body"}), ("?grams=much", {"body", "query"})):
        answer = client.post(f"/parcels/depot/weigh{target}", content=body)
        assert (answer.status_code, answer.json()["no"]) == (400, "unreadable")
        assert {each[0] for each in answer.json()["faults"]} == places
    answer = client.post("/parcels/depot/weigh", content=body, headers={"content-type": "text/plain"})
    assert answer.status_code == (415 if body else 400)


def test_what_was_sent_is_told_again_only_by_what_says_so(client: httpx.Client) -> None:
    answer = client.post("/parcels/depot/weigh?grams=much", json={"text": "x"})
    assert _faults(answer) == [["query", "grams", "weight", "much"]]
    assert "many" not in client.get("/parcels?most=many").text
