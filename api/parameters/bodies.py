"""The base class of JSON request bodies under /v1."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

_MAX_MEMBERS = 50


class StrictBody(BaseModel):
    """A JSON object that accepts only its declared members.

    An error lists every unknown member. An object with very many members is refused by their
    number alone: to list a million of them would block all other requests for seconds.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _limit_members(cls, value: object) -> object:
        if isinstance(value, dict) and len(value) > _MAX_MEMBERS:
            raise ValueError(
                f"the object has {len(value)} members: at most {_MAX_MEMBERS} are allowed"
            )
        return value


class LibraryFile(StrictBody):
    """A file of references in BibTeX, RIS, CSL-JSON or Better BibTeX JSON; its papers are liked."""

    name: str = Field(
        description="The file's name; its extension says which format is meant if the content "
        "leaves that open",
        json_schema_extra={"examples": ["my.bib"]},
    )
    content: str = Field(description="The file's text")
