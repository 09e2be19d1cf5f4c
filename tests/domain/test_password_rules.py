import pytest

from gateway.domain.password_rules import PasswordPolicy


@pytest.mark.parametrize("policy", ["", "notUsername(undefined)", "hashAlgorithm(argon2) and hashIterations(5)"])
def test_a_policy_may_say_nothing_that_can_be_told_from_outside(policy: str) -> None:
    assert PasswordPolicy.of(policy) == PasswordPolicy()


def test_a_policy_is_read_as_keycloak_writes_it() -> None:
    written = (
        "length(12) and maxLength(64) and upperCase(2) and lowerCase(3) and digits(4) and specialChars(5) and "
        "notEmail(undefined) and passwordHistory(3) and regexPattern(^(length)\\(9\\).*$)"
    )
    assert PasswordPolicy.of(written) == PasswordPolicy(12, 64, 2, 3, 4, 5)
