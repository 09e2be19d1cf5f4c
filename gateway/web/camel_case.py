"""Wire shapes of documents that spell members in camel case; where one member differs, it says so itself."""

from pydantic import AliasGenerator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from gateway.web.inputs import WireModel


class CamelBody(WireModel):
    """A request's body."""

    model_config = ConfigDict(alias_generator=to_camel)


class CamelAnswer(BaseModel):
    """An answer."""

    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel))
