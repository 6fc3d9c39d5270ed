"""The base of every failure that was foreseen."""


class ClockodoMcpError(Exception):
    """A failure with a sentence for the person and the model.

    `str(error)` is always safe to show: no key, no header, no raw body. It ends with what to do next.
    """
