"""The wire shapes of what is told beyond a login (contract sections 8 to 10)."""

from pydantic import Field, RootModel

from gateway.domain.access_clients import ActivatedClient
from gateway.domain.proofs import Proof
from gateway.identity.second_proofs import AwaitedProof
from gateway.surfaces.cyclos.answers import ACCESS_CLIENT_TYPE, PROOF_TYPES, client_entity
from gateway.surfaces.cyclos.shapes import Answer, Entity, PasswordInput
from gateway.web.outputs import Omittable

_CODE_LENGTH = 6


def proof_type(by: Proof) -> Entity:
    """Say what kind of password a further proof is."""
    kind = PROOF_TYPES[by]
    return Entity(id=kind.id, name=kind.name, internal_name=kind.internal_name)


def input_of(awaited: AwaitedProof) -> PasswordInput:
    """Say what is typed as the second proof."""
    kind = PROOF_TYPES[awaited.by]
    return PasswordInput(
        id=kind.id,
        name=kind.name,
        internal_name=kind.internal_name,
        input_method="textBox",
        mode=kind.mode,
        has_active_password=awaited.is_active,
        confirmation_password_once_per_session=False,
        min_length=_CODE_LENGTH,
        max_length=_CODE_LENGTH,
        otp_send_mediums=list(awaited.media) if awaited.by is Proof.OTP else None,
    )


class DataForChange(Answer):
    """What a page has to know that asks for a new password."""

    generated: Omittable[bool] = None


class Addresses(RootModel[list[str]]):
    """Where a code went."""


class ActivatedAccessClient(Answer):
    """A client that was made, with what it acts by."""

    token: str = Field(description="without the prefix, if there is one; told once")
    access_client: Entity
    access_client_type: Entity

    @classmethod
    def of(cls, activated: ActivatedClient) -> "ActivatedAccessClient":
        """Tell of a client."""
        client = client_entity(activated.client)
        return cls(token=activated.token, access_client=client, access_client_type=ACCESS_CLIENT_TYPE)
