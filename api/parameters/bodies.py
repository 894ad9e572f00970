"""What the bodies of requests under /v1 have in common."""

from pydantic import BaseModel, ConfigDict, model_validator

_MOST_MEMBERS = 50


class StrictBody(BaseModel):
    """A JSON object that holds what it may, and nothing else.

    Every unknown member is an error that is told; of very many, only how many there are, for to
    list a million would stop all other requests for seconds.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few_members(cls, given: object) -> object:
        if isinstance(given, dict) and len(given) > _MOST_MEMBERS:
            raise ValueError(f"{len(given)} members: at most {_MOST_MEMBERS} are read")
        return given
