import httpx
import pytest
from starlette.datastructures import Headers

from gateway.web.cookies import values_of
from tests.web.serving import served

PATH = "/parcels/stamps/collect"


def _told(client: httpx.Client, *cookies: str) -> dict[str, object]:
    answer = client.get(PATH, headers=[("cookie", each) for each in cookies])
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()["told"]
    return told


@pytest.mark.parametrize(
    ("cookies", "stamps"),
    [
        ((), []),
        (("stamp=a",), ["a"]),
        (("stamp=a; stamp=b",), ["a", "b"]),
        (("stamp=a", "stamp=b"), ["a", "b"]),
        (("other=x; stamp=a=b ;; stampede=c; STAMP=d",), ["a=b"]),
        (('stamp="a,b"',), ['"a,b"']),
        (("stamp",), [""]),
        (("=stamp; ; =",), []),
    ],
)
def test_a_list_gathers_every_cookie_of_its_name(
    client: httpx.Client, cookies: tuple[str, ...], stamps: list[str]
) -> None:
    assert _told(client, *cookies) == {"stamps": stamps, "colour": "red"}


def test_a_single_value_is_read(client: httpx.Client) -> None:
    assert _told(client, "colour=green")["colour"] == "green"


def test_a_single_value_sent_twice_is_refused(client: httpx.Client) -> None:
    answer = client.get(PATH, headers={"cookie": "colour=green; colour=red"})
    assert (answer.status_code, answer.json()["faults"]) == (422, [["cookie", "colour", "cookie_ambiguous"]])


def test_bytes_that_are_no_ascii_are_no_fault(client: httpx.Client) -> None:
    raw = client.build_request("GET", PATH, headers=[(b"cookie", b"stamp=\xff\xc3\xbc")])
    assert client.send(raw).json()["told"]["stamps"] == ["\xff\xc3\xbc"]


def test_a_name_is_compared_exactly() -> None:
    assert values_of(Headers({"cookie": "a=1; A=2; a =3; a%20=4"}), "a") == ["1", "3"]


def test_cookies_are_kept_with_the_attributes_they_were_given(client: httpx.Client) -> None:
    assert client.get(PATH).headers.get_list("set-cookie") == [
        "stamp=blue.1; Max-Age=60; Path=/parcels/stamps; SameSite=Lax; HttpOnly",
        "card=full; Max-Age=5; Path=/; SameSite=None; Secure",
    ]


def test_cookies_are_secure_on_https_and_follow_the_prefix() -> None:
    with served(public_url="https://127.0.0.1", prefix="/v2") as running, running.client() as client:
        kept = client.get(f"/v2{PATH}").headers.get_list("set-cookie")
    assert kept == [
        "stamp=blue.1; Max-Age=60; Path=/v2/parcels/stamps; SameSite=Lax; Secure; HttpOnly",
        "card=full; Max-Age=5; Path=/; SameSite=None; Secure",
    ]


def test_a_cookie_may_last_until_the_browser_is_closed_beside_an_answer_without_a_body(client: httpx.Client) -> None:
    answer = client.post("/parcels/depot/leave", params={"keep": "true"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers.get_list("set-cookie") == ["card=kept; Path=/parcels; SameSite=Lax"]


def test_a_refusal_may_have_a_cookie_forgotten() -> None:
    with served(public_url="https://127.0.0.1", prefix="/v2") as running, running.client() as client:
        answer = client.post("/v2/parcels/depot/leave")
    assert (answer.status_code, answer.json()) == (403, {"no": "may not"})
    assert answer.headers.get_list("set-cookie") == ["card=; Max-Age=0; Path=/v2/parcels; SameSite=Lax; Secure"]
