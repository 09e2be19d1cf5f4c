"""Builds the sign-ins that are the same for everybody: in one step, or with a pause."""

from gateway.app.use_cases.ground import Ground, Shared
from gateway.identity.candidates import Candidates
from gateway.identity.code_mails import CodeMails
from gateway.identity.code_requests import CODE_REQUEST, CodeRequests
from gateway.identity.direct_sign_in import DirectSignIn, DirectSignInTerms
from gateway.identity.mail_requests import MailRequests, RequestTerms
from gateway.identity.pauses import Pauses
from gateway.identity.pausing_sign_in import PausingSignIn
from gateway.identity.sign_in import SignIn
from gateway.identity.use_cases import SignInCases
from gateway.identity.ways_in import OfferedWays


def sign_in_cases(ground: Ground, shared: Shared) -> SignInCases:
    """Build the subject."""
    sign_in = SignIn(ground.realm, shared.guesses, shared.password_proofs, shared.sign_in_events)
    pauses, ways = Pauses(ground.state, ground.settings.nap.flow_lifetime), _offered_ways(ground)
    return SignInCases(
        code_requests=_code_requests(ground, ways),
        direct_sign_in=_direct_sign_in(ground, shared, ways, sign_in),
        pauses=pauses,
        pausing_sign_in=_pausing_sign_in(ground, shared, pauses),
        sign_in=sign_in,
        ways_in=ways,
    )


def _offered_ways(ground: Ground) -> OfferedWays:
    steps, codes = ground.settings.sign_in.default_steps, ground.settings.kestra.passwordless
    return OfferedWays(ground.realm, steps, mails=ground.mailer.is_on, mailed_code=codes)


def _code_requests(ground: Ground, ways: OfferedWays) -> CodeRequests:
    own = ground.settings.kestra
    terms = RequestTerms(CODE_REQUEST, own.code_max_requests, own.code_window)
    return CodeRequests(
        ground.realm,
        MailRequests(ground.state, ground.mailer, terms),
        ground.mailer,
        CodeMails(ground.state, ground.mailer, ground.events, own.code_ttl),
        ground.events,
        pause=own.code_cooldown if ways.mailed_code else None,
    )


def _direct_sign_in(ground: Ground, shared: Shared, ways: OfferedWays, sign_in: SignIn) -> DirectSignIn:
    terms = DirectSignInTerms(ways.password, ways.mailed_code, ground.settings.kestra.code_max_attempts)
    return DirectSignIn(ground.realm, ground.state, sign_in, shared.proven_steps, shared.ownership, terms)


def _pausing_sign_in(ground: Ground, shared: Shared, pauses: Pauses) -> PausingSignIn:
    candidates = Candidates(ground.realm, in_organizations=ground.settings.nap.multitenancy)
    return PausingSignIn(
        ground.realm,
        shared.guesses,
        pauses,
        shared.proven_steps,
        candidates,
        passwords=shared.password_proofs,
        events=shared.sign_in_events,
    )
