"""What can be wrong with a request: each function spoils one thing and leaves the rest as it is."""

from collections.abc import Callable
from dataclasses import replace

from tests.abuse.oddities import (
    BODIES,
    CANARY,
    ENDINGS,
    FURTHER_MEMBERS,
    HEADERS,
    MEDIA_TYPES,
    METHODS,
    PLACES,
    QUERIES,
    TAILS,
    TEXTS,
    THINGS,
)
from tests.abuse.requests import ANYBODY, Dice, Header, Request


def _other_method(dice: Dice, request: Request) -> Request:
    return replace(request, method=dice.choice(METHODS))


def _below(dice: Dice, request: Request) -> Request:
    path, mark, query = request.target.partition(b"?")
    return replace(request, target=path + dice.choice(ENDINGS) + mark + query)


def _beside(dice: Dice, request: Request) -> Request:
    path, mark, query = request.target.partition(b"?")
    place = dice.randrange(len(path) + 1)
    changed = dice.choice(
        [path + dice.choice(TAILS), path[:place] + dice.choice(TAILS) + path[place:], path.swapcase()]
    )
    return replace(request, surface=ANYBODY, target=changed + mark + query)


def _elsewhere(dice: Dice, request: Request) -> Request:
    return replace(request, surface=ANYBODY, target=dice.choice(PLACES))


def _anywhere(dice: Dice, request: Request) -> Request:
    size = dice.choice([1, 10, 100, 9000])
    return replace(request, surface=ANYBODY, target=b"/" + _bytes_without_line_ends(dice, size))


def _far_too_long(dice: Dice, request: Request) -> Request:
    return replace(request, surface=ANYBODY, target=request.target + b"/" + b"a" * dice.choice([8192, 20000, 60000]))


def _odd_query(dice: Dice, request: Request) -> Request:
    return replace(request, target=request.target.partition(b"?")[0] + b"?" + dice.choice(QUERIES))


def _odd_header(dice: Dice, request: Request) -> Request:
    name = dice.choice([*HEADERS])
    return _with(request, (name, dice.choice(HEADERS[name])))


def _header_of_any_bytes(dice: Dice, request: Request) -> Request:
    name = dice.choice([b"x-odd", b"authorization", b"cookie", b"x-session-token", b"x-org"])
    return _with(request, (name, _bytes_without_line_ends(dice, dice.choice([1, 20, 400]))))


def _header_twice(dice: Dice, request: Request) -> Request:
    if not request.headers:
        return request
    return replace(request, headers=(*request.headers, dice.choice(request.headers)))


def _header_left_out(dice: Dice, request: Request) -> Request:
    if not request.headers:
        return request
    left_out = dice.choice(request.headers)
    return replace(request, headers=tuple(each for each in request.headers if each is not left_out))


def _far_too_many_headers(dice: Dice, request: Request) -> Request:
    more = dice.choice([((b"x-a", b"b"),) * 110, ((b"x-a", b"b" * 4000),) * 9, ((b"x" * 9000, b"b"),)])
    return replace(request, headers=request.headers + more)


def _media_type(dice: Dice, request: Request) -> Request:
    return _with(request, (b"content-type", dice.choice(MEDIA_TYPES)))


def _other_token(dice: Dice, request: Request) -> Request:
    """Change a character of the bearer, or leave one out."""
    bearer = dict(request.headers).get(b"authorization", b"Bearer a.b.c")
    place = dice.randrange(len(bearer) + 1)
    return _with(
        request, (b"authorization", bearer[:place] + dice.choice([b"A", b".", b"=", b""]) + bearer[place + 1 :])
    )


def _odd_member(dice: Dice, request: Request) -> Request:
    if not request.members:
        return request
    value = dice.choice([*TEXTS, *THINGS, CANARY, [CANARY], {CANARY: CANARY}])
    return replace(request, members={**request.members, dice.choice([*request.members]): value})


def _member_left_out(dice: Dice, request: Request) -> Request:
    if not request.members:
        return request
    left_out = dice.choice([*request.members])
    return replace(request, members={name: value for name, value in request.members.items() if name != left_out})


def _further_members(dice: Dice, request: Request) -> Request:
    names = dice.sample(FURTHER_MEMBERS, 3)
    return replace(request, members={**(request.members or {}), **{name: dice.choice(THINGS) for name in names}})


def _other_body(dice: Dice, request: Request) -> Request:
    return replace(request, raw_body=dice.choice(BODIES))


def _garbage(dice: Dice, request: Request) -> Request:
    return replace(request, raw_body=dice.randbytes(dice.choice([1, 10, 1000])))


def _body_cut_off(dice: Dice, request: Request) -> Request:
    return replace(request, raw_body=request.body[: dice.randrange(len(request.body) + 1)])


def _flipped_byte(dice: Dice, request: Request) -> Request:
    place = dice.randrange(len(request.body) + 1)
    return replace(request, raw_body=request.body[:place] + dice.randbytes(1) + request.body[place + 1 :])


def _in_chunks(dice: Dice, request: Request) -> Request:
    return replace(request, chunked=True)


def _with(request: Request, header: Header) -> Request:
    kept = tuple(each for each in request.headers if each[0] != header[0])
    return replace(request, headers=(*kept, header))


def _bytes_without_line_ends(dice: Dice, size: int) -> bytes:
    return dice.randbytes(size).translate(None, b"\r\n")


MISCHIEF: tuple[Callable[[Dice, Request], Request], ...] = (
    _other_method,
    _below,
    _beside,
    _elsewhere,
    _anywhere,
    _odd_query,
    _odd_header,
    _odd_header,
    _header_of_any_bytes,
    _header_twice,
    _header_left_out,
    _far_too_many_headers,
    _far_too_long,
    _media_type,
    _other_token,
    *(_odd_member,) * 4,
    _member_left_out,
    *(_further_members,) * 2,
    *(_other_body,) * 2,
    _garbage,
    _body_cut_off,
    _flipped_byte,
    _in_chunks,
)


def spoiled(dice: Dice, request: Request) -> Request:
    """Spoil nothing, one thing, or some."""
    for _ in range(dice.choice((0, 0, 1, 1, 1, 1, 2, 3))):
        request = dice.choice(MISCHIEF)(dice, request)
    return request
