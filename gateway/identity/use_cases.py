"""All use-cases together, as the surfaces see them."""

from dataclasses import dataclass

from gateway.identity.access_clients import AccessClients
from gateway.identity.account_tokens import AccountTokens
from gateway.identity.activations import Activations
from gateway.identity.bearers import Bearers
from gateway.identity.brokered_sign_in import BrokeredSignIn
from gateway.identity.code_requests import CodeRequests
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
from gateway.identity.portraits import Portraits
from gateway.identity.reset_requests import ResetRequests
from gateway.identity.rights import Rights
from gateway.identity.scoped_tokens import ScopedTokens
from gateway.identity.second_proofs import SecondProofs
from gateway.identity.sent_codes import SentCodes
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignIn
from gateway.identity.sign_outs import SignOuts
from gateway.identity.sign_up import SignUp
from gateway.identity.single_use_refresh import SingleUseRefresh
from gateway.identity.stepwise_sign_in import StepwiseSignIn
from gateway.identity.visitors import Visitors
from gateway.identity.ways_in import OfferedWays
from gateway.identity.whole_accounts import WholeAccounts


@dataclass(frozen=True, slots=True)
class Identity:
    """What the gateway can do for a person."""

    access_clients: AccessClients
    account_tokens: AccountTokens
    activations: Activations
    bearers: Bearers
    brokered_sign_in: BrokeredSignIn
    code_requests: CodeRequests
    direct_sign_in: DirectSignIn
    email_verification: EmailVerification
    external_steps: ExternalSteps
    forgotten_keys: ForgottenKeys
    forgotten_password: ForgottenPassword
    invitations: Invitations
    invited_people: InvitedPeople
    inviting_services: InvitingServices
    link_reset: LinkReset
    locks: Locks
    mailed_codes: MailedCodes
    new_members: NewMembers
    new_passwords: NewPasswords
    notices: Notices
    opaque_sessions: OpaqueSessions
    organization_steps: OrganizationSteps
    password_reset: PasswordReset
    passwords: Passwords
    pauses: Pauses
    pausing_sign_in: PausingSignIn
    people: People
    portraits: Portraits
    reset_requests: ResetRequests
    rights: Rights
    scoped_tokens: ScopedTokens
    second_proofs: SecondProofs
    sent_codes: SentCodes
    sessions: Sessions
    sign_in: SignIn
    sign_outs: SignOuts
    sign_up: SignUp
    single_use_refresh: SingleUseRefresh
    stepwise_sign_in: StepwiseSignIn
    visitors: Visitors
    ways_in: OfferedWays
    whole_accounts: WholeAccounts
