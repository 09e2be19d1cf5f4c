import re

import pytest

from gateway.domain.password_rules import PasswordPolicy
from gateway.identity.generated_passwords import generated_password

_POLICIES = [
    PasswordPolicy(),
    PasswordPolicy(at_least=8, upper_case=1, lower_case=1, digits=1),
    PasswordPolicy(at_least=40),
    PasswordPolicy(at_most=12),
    PasswordPolicy(at_most=64, upper_case=9, lower_case=9, digits=9, special=9),
]


@pytest.mark.parametrize("policy", _POLICIES)
def test_a_password_fits_the_policy(policy: PasswordPolicy) -> None:
    for _ in range(50):
        password = generated_password(policy)
        assert policy.at_least <= len(password) <= (policy.at_most or 256)
        assert len(re.findall(r"[A-Z]", password)) >= max(1, policy.upper_case)
        assert len(re.findall(r"[a-z]", password)) >= max(1, policy.lower_case)
        assert len(re.findall(r"[0-9]", password)) >= max(1, policy.digits)
        assert len(re.findall(r"[^A-Za-z0-9]", password)) >= max(1, policy.special)


def test_a_password_is_long_and_can_be_read_out() -> None:
    made = [generated_password(PasswordPolicy()) for _ in range(200)]
    assert len(set(made)) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9#?!@$%*-]{16}", each) for each in made)
    assert not set("".join(made)) & set("lIO01 ")
    assert len({each[0] for each in made}) > 10
