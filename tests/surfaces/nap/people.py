"""People who sign in to organizations, and the codes of their generators."""

import base64
import hashlib
import hmac
import struct
import time
from dataclasses import dataclass, field

from tests.servers.people import Organization, OrganizationMaker, Person, PersonMaker

KEY = "a-key-of-twenty-char"
_PERIOD = 30


@dataclass(frozen=True, slots=True)
class Members:
    """Makes people in organizations of their own."""

    make_person: PersonMaker
    make_organization: OrganizationMaker

    def __call__(self, organizations: int = 1, **options: object) -> "Member":
        """Make a member of so many organizations."""
        joined = tuple(self.make_organization() for _ in range(organizations))
        person = self.make_person(organizations=joined, **options)  # type: ignore[arg-type]  # by name
        return Member(person, joined)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody, and the organizations."""

    person: Person
    organizations: tuple[Organization, ...]

    @property
    def credentials(self) -> tuple[str, str]:
        """Address and password."""
        return self.person.email, self.person.password


@dataclass(slots=True)
class Generator:
    """A person's code generator; Keycloak takes the codes of one period before and after, and each once."""

    key: str = KEY
    _used: set[int] = field(default_factory=set)

    def code(self) -> str:
        """Return a code that works and was not shown yet."""
        now = _now()
        count = next(each for each in (now, now + 1, now - 1) if each not in self._used)
        self._used.add(count)
        return self._code(count)

    def wrong_code(self) -> str:
        """Return a code that does not work for hours."""
        now = _now()
        working = {self._code(now + each) for each in range(-3, 10)}
        return next(code for code in map("{:06}".format, range(1000)) if code not in working)

    def _code(self, count: int) -> str:
        """RFC 4226 section 5.3."""
        digest = hmac.digest(self.key.encode(), struct.pack(">Q", count), hashlib.sha1)
        offset = digest[-1] & 15
        (number,) = struct.unpack_from(">I", digest, offset)
        return f"{(number & 0x7FFFFFFF) % 10**6:06}"


def flow_ids_are_unguessable(flow_id: str) -> bool:
    """Say whether a flow's id has the 256 random bits that it is made of."""
    return len(base64.urlsafe_b64decode(f"{flow_id}=")) == 32


def _now() -> int:
    return int(time.time()) // _PERIOD  # noqa: TID251 - what Keycloak's clock says too
