"""The spelling of what Keycloak writes."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Written(BaseModel):
    """What Keycloak writes of something, as far as it is read here."""

    model_config = ConfigDict(alias_generator=to_camel)
