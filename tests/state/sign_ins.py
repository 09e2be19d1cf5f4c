"""Sign-ins under way, with one step and with two."""

from dataclasses import replace

from gateway.domain.sign_in_methods import SignInMethod
from gateway.state.sign_in_session import SignInSession
from gateway.state.sign_in_sessions import SignInSessions

PASSWORD, CODE, GOOGLE = SignInMethod.PASSWORD, SignInMethod.ONE_TIME_CODE, SignInMethod.GOOGLE
HERE = "pipeshub"
TWO_STEPS = SignInSession(HERE, "org-1", ((PASSWORD, GOOGLE), (CODE,)), "ann@acme.example")
ONE_STEP = replace(TWO_STEPS, steps=((PASSWORD,),))


async def got(sessions: SignInSessions, token: str) -> SignInSession:
    """Get one that is there."""
    session = await sessions.get(token, HERE)
    assert session is not None
    return session
