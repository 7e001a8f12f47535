"""The one exception that a user can cause, and is told about in one line."""


class UserError(Exception):
    """Something the user gave cannot be used. The message names what was expected and what was found."""
