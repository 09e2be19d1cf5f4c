"""All use-cases together, as the surfaces see them."""

from dataclasses import dataclass

from gateway.identity.access_clients import AccessClients
from gateway.identity.account_tokens import AccountTokens
from gateway.identity.activations import Activations
from gateway.identity.bearers import Bearers
from gateway.identity.brokered_sign_in import BrokeredSignIn
from gateway.identity.code_requests import CodeRequests
from gateway.identity.current_users import CurrentUsers
from gateway.identity.direct_sign_in import DirectSignIn
from gateway.identity.email_verification import EmailVerification
from gateway.identity.external_steps import ExternalSteps
from gateway.identity.forgotten_keys import ForgottenKeys
from gateway.identity.forgotten_password import ForgottenPassword
from gateway.identity.invitations import Invitations
from gateway.identity.invited_people import InvitedPeople
from gateway.identity.inviting_services import InvitingServices
from gateway.identity.link_reset import LinkReset
from gateway.identity.locks import Locks
from gateway.identity.mailed_codes import MailedCodes
from gateway.identity.new_members import NewMembers
from gateway.identity.new_passwords import NewPasswords
from gateway.identity.notices import Notices
from gateway.identity.opaque_sessions import OpaqueSessions
from gateway.identity.organization_steps import OrganizationSteps
from gateway.identity.password_reset import PasswordReset
from gateway.identity.passwords import Passwords
from gateway.identity.pauses import Pauses
from gateway.identity.pausing_sign_in import PausingSignIn
from gateway.identity.people import People
from gateway.identity.reset_requests import ResetRequests
from gateway.identity.rights import Rights
from gateway.identity.scoped_tokens import ScopedTokens
from gateway.identity.second_proofs import SecondProofs
from gateway.identity.sent_codes import SentCodes
from gateway.identity.services import Services
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignIn
from gateway.identity.sign_outs import SignOuts
from gateway.identity.sign_up import SignUp
from gateway.identity.single_use_refresh import SingleUseRefresh
from gateway.identity.stepwise_sign_in import StepwiseSignIn
from gateway.identity.visitors import Visitors
from gateway.identity.ways_in import OfferedWays
from gateway.identity.whole_accounts import WholeAccounts


@dataclass(frozen=True)
class TokenCases:
    """What people and services hold once they are in."""

    account_tokens: AccountTokens
    bearers: Bearers
    rights: Rights
    scoped_tokens: ScopedTokens
    services: Services
    sessions: Sessions
    sign_outs: SignOuts
    single_use_refresh: SingleUseRefresh


@dataclass(frozen=True)
class SignInCases:
    """The ways in that are the same for everybody."""

    code_requests: CodeRequests
    direct_sign_in: DirectSignIn
    pauses: Pauses
    pausing_sign_in: PausingSignIn
    sign_in: SignIn
    ways_in: OfferedWays


@dataclass(frozen=True)
class StepwiseCases:
    """The way in that each organization composes from steps."""

    brokered_sign_in: BrokeredSignIn
    external_steps: ExternalSteps
    mailed_codes: MailedCodes
    organization_steps: OrganizationSteps
    stepwise_sign_in: StepwiseSignIn


@dataclass(frozen=True)
class PasswordCases:
    """New passwords, and what leads to them."""

    forgotten_keys: ForgottenKeys
    forgotten_password: ForgottenPassword
    link_reset: LinkReset
    new_passwords: NewPasswords
    password_reset: PasswordReset
    passwords: Passwords
    reset_requests: ResetRequests


@dataclass(frozen=True)
class AccountCases:
    """People, how they come to have an account, and what they are told of it."""

    email_verification: EmailVerification
    invitations: Invitations
    invited_people: InvitedPeople
    inviting_services: InvitingServices
    locks: Locks
    new_members: NewMembers
    notices: Notices
    people: People
    sign_up: SignUp
    whole_accounts: WholeAccounts


@dataclass(frozen=True)
class VisitCases:
    """Those who come by a token of ours that stands for a session, by a program's, or by a password each time."""

    access_clients: AccessClients
    activations: Activations
    opaque_sessions: OpaqueSessions
    current_users: CurrentUsers
    second_proofs: SecondProofs
    sent_codes: SentCodes
    visitors: Visitors


@dataclass(frozen=True)
class Identity(TokenCases, SignInCases, StepwiseCases, PasswordCases, AccountCases, VisitCases):
    """What the gateway can do for a person."""
