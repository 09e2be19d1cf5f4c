import pytest

from gateway.domain.sign_in_methods import SignInMethod, steps_of


def test_steps_are_read_in_their_order() -> None:
    assert steps_of('[["password", "google"], ["otp"]]') == (
        (SignInMethod.PASSWORD, SignInMethod.GOOGLE),
        (SignInMethod.ONE_TIME_CODE,),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "JSON"),
        ("[" * 100_000, "JSON"),
        ("{}", "1 to 3 steps"),
        ("[]", "1 to 3 steps"),
        ("[[]]", "1 to 3 steps"),
        ('["password"]', "1 to 3 steps"),
        ('[["password"],["otp"],["google"],["oauth"]]', "1 to 3 steps"),
        ('[["sms"]]', "unknown methods"),
        ("[[1]]", "unknown methods"),
        ("[[null]]", "unknown methods"),
        ('[[["password"]]]', "unknown methods"),
        ('[["password"],["password"]]', "once only"),
    ],
)
def test_what_cannot_be_steps_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        steps_of(text)
