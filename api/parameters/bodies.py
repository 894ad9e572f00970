"""What the bodies of requests under /v1 have in common."""

from pydantic import BaseModel, ConfigDict, model_validator

_MAX_MEMBERS = 50


class StrictBody(BaseModel):
    """A JSON object that holds what it may, and nothing else.

    Every unknown member is an error that is told; of very many, only how many there are, for to
    list a million would stop all other requests for seconds.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few_members(cls, given: object) -> object:
        if isinstance(given, dict) and len(given) > _MAX_MEMBERS:
            raise ValueError(f"{len(given)} members: at most {_MAX_MEMBERS} are read")
        return given
