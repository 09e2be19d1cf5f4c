import httpx
import pytest

from tests.web.serving import served

PATH = "/parcels/depots/move"


def _way(client: httpx.Client, **query: str) -> str:
    answer = client.get(PATH, params=query)
    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.headers["location"])


def test_a_page_of_the_front_end_stands_below_its_address(client: httpx.Client) -> None:
    assert _way(client) == "https://front.example/found#here"


def test_an_address_goes_out_as_it_is_save_what_no_header_can_hold(client: httpx.Client) -> None:
    assert _way(client, to="elsewhere") == "https://elsewhere.example/k%C3%A4fer?a=b&c=%20#d"


def test_a_redirect_brings_its_cookies(client: httpx.Client) -> None:
    answer = client.get(PATH, params={"to": "elsewhere"})
    assert answer.headers.get_list("set-cookie") == ["card=one; Max-Age=5; Path=/; SameSite=Strict"]


@pytest.mark.parametrize(
    ("query", "reason"), [({"to": "nowhere"}, "RightsRefused"), ({"most": "many"}, "InvalidRequest")]
)
def test_a_refusal_leads_where_the_operation_says(client: httpx.Client, query: dict[str, str], reason: str) -> None:
    assert _way(client, **query) == f"https://front.example/lost?why={reason}"


def test_so_does_a_deadline_that_has_passed() -> None:
    with served(deadline=0.3) as running, running.client() as client:
        assert _way(client, to="late") == "https://front.example/lost?why=Unavailable"


def test_a_wrong_host_is_told_as_everywhere(client: httpx.Client) -> None:
    assert client.get(PATH, headers={"host": "evil.example"}).status_code == 400
