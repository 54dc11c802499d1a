"""The few bodies that are the API's own; all others are the forms of the pages and of files."""

from pydantic import BaseModel, ConfigDict


class Nothing(BaseModel):
    """No field at all: an empty body, or an empty object."""

    model_config = ConfigDict(extra="forbid", frozen=True)
