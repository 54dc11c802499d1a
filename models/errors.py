"""What casework refuses, each with one clear sentence. Nothing has been changed when one of these is raised."""

from config.errors import PathwayError


class NotPermitted(PathwayError):
    """This person may not make this move; the message says who may."""


class NotOffered(PathwayError):
    """The task does not offer this move; the message names the moves it does."""


class AlreadyDone(PathwayError):
    """Somebody else was first; the message says who did what, and when."""


class NotFound(PathwayError):
    """No such concern, task, person, child or setting."""


class NobodyThere(PathwayError):
    """No person holds any role that could own the task."""
