"""Errors a person is shown: each is one clear line naming the field and what would be right (exit code 2)."""


class PathwayError(Exception):
    """Something the person asked for cannot be done; the text says what would be right."""


class BadInput(PathwayError):
    """A value is refused: the field (or the place in a file), then what would be right."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        super().__init__(f"{field}: {message}")


class SettingsError(PathwayError):
    """A setting in the environment or the secrets folder is refused; the text never shows its value."""


class PolicyError(PathwayError):
    """A policy is refused; the text names file, line and key."""
