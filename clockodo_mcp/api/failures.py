"""What can go wrong between here and Clockodo.

ClockodoError            status, clockodo_says, reason, fields, retryable
├── Unauthorized         401: the key or the user is wrong
├── Forbidden            403: the user lacks the right
├── NotFound             404: no such object, or not visible
├── Refused              400, 405, 409, 410, 422: Clockodo said no; `fields` are what it complained about
├── TooManyRequests      429: over the limits; `retry_after` in seconds where it was said
├── MachineError         a proxy or certificate of this machine cannot be used: nothing was sent
├── WindowsFull          our own request windows are full: nothing was sent, and Clockodo said nothing
├── Unavailable          5xx, HTML, cut-off JSON, no connection: a read may try again
│   ├── Unusable           a redirect, or an answer of another form than documented: no repetition betters it
│   └── Untrusted          the certificate is not trusted on this machine
├── OutcomeUnknown       a write was sent and its answer was lost: it may have happened
└── ShiftedWhileReading  entries moved between pages while they were read, more often than we read again
"""

import re

from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.speech import Said, joined, say

MESSAGE_LENGTH = 300


class ClockodoError(ClockodoMcpError):
    """A request that did not succeed.

    `status` is the HTTP status, 0 where there was no answer. `clockodo_says` is what Clockodo itself said, in one line
    and cut, and `reason` what we found, in our words; `fields` are the parameters that Clockodo names; `retryable`
    says whether the same read may succeed.
    """

    retryable = False
    advice = "Check the arguments and call again."

    def __init__(self, status: int, clockodo_says: str = "", fields: tuple[str, ...] = (), *, reason: str = "") -> None:
        self.status = status
        self.clockodo_says = one_line(clockodo_says)
        self.reason = reason
        self.fields = tuple(one_line(field) for field in fields)
        super().__init__(self._sentence())

    @property
    def why(self) -> str:
        """The cause in a few words, whoever named it."""
        return self.clockodo_says or self.reason or (f"Clockodo answered {self.status}" if self.status else "no answer")

    @property
    def what_happened(self) -> str:
        """As of `ClockodoMcpError`."""
        return f"{self._said()}."

    def _sentence(self) -> str:
        return joined(" ", (joined("", (self._said(), ".")), self.advice))

    def _said(self) -> Said:
        said = say("Clockodo could not be reached")
        if self.status:
            said = say("Clockodo answered {status}", status=self.status)
        if self.clockodo_says:
            said = joined(": ", (said, self.clockodo_says.rstrip(".")))
        details = ", ".join(self.fields) or self.reason
        return joined("", (said, f" ({details})")) if details else said


class Unauthorized(ClockodoError):
    """401. The message never contains the key."""

    def _sentence(self) -> str:
        return say(
            "Clockodo does not accept the credentials. Log in again with `clockodo-mcp login`, or, where the "
            "environment has the account, check CLOCKODO_API_USER (the e-mail address) and CLOCKODO_API_KEY (from 'My "
            "account' in Clockodo). Then restart the server."
        )


class Forbidden(ClockodoError):
    """403."""

    advice = say("The account lacks the right for this; somebody with more rights in Clockodo has to do it.")


class NotFound(ClockodoError):
    """404: there is no such object, or this account may not see it."""

    advice = "Check the id; the object may have been deleted or may not be visible to this account."


class Refused(ClockodoError):
    """400, 405, 409, 410, 422. Nothing was changed."""

    advice = "Nothing was changed. Correct the arguments and call again."


class TooManyRequests(ClockodoError):
    """429. `retry_after` is in seconds, None where Clockodo did not say."""

    retryable = True
    advice = "Wait a minute, then call again."

    def __init__(self, status: int, clockodo_says: str = "", *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(status, clockodo_says)


class WindowsFull(ClockodoError):
    """No place was free in our own request windows within the time that a request may wait, so nothing was sent.

    Not retryable, since it has waited already; `status` is 0.
    """

    def _sentence(self) -> str:
        return (
            "This account has sent as many requests as Clockodo allows for now, counted on this machine, so nothing "
            "was sent. Wait a minute, then call again; if it goes on, wait longer or ask for a shorter period."
        )


class Unavailable(ClockodoError):
    """No usable answer: 5xx, HTML, cut-off JSON, or no connection.

    `sent` is False where nothing left this machine; `late` where we stopped waiting and it may still be under way;
    `answered` where Clockodo itself said that it failed, so that it is over.
    """

    retryable = True
    advice: str = say("Try again in a minute; check the network if it goes on.")

    def __init__(
        self,
        status: int,
        clockodo_says: str = "",
        *,
        reason: str = "",
        sent: bool = True,
        late: bool = False,
        answered: bool = False,
    ) -> None:
        self.sent = sent
        self.late = late
        self.answered = answered
        super().__init__(status, clockodo_says, reason=reason)


class Unusable(Unavailable):
    """An answer that would be the same again: a redirect, or JSON of another form than Clockodo documents."""

    retryable = False
    advice = "Trying again does not help."


class MachineError(ClockodoError):
    """A proxy or certificate of the environment cannot be used, so nothing was sent."""

    def _sentence(self) -> str:
        mend = "{reason}, so nothing was sent. Mend it where the server is started, then restart the server."
        return say(mend, reason=self.reason)


class Untrusted(Unavailable):
    """The certificate of whoever answered is not trusted on this machine. Nothing was sent."""

    retryable = False

    def _sentence(self) -> str:
        return say(
            "The certificate of the Clockodo address is not trusted here ({reason}); often a company's proxy "
            "stands in between. Nothing was sent. Set SSL_CERT_FILE to a file with the company's certificate where the "
            "server is started, then restart the server.",
            reason=self.reason,
        )


class OutcomeUnknown(ClockodoError):
    """A write left this machine and its answer was lost. `late` and `answered` as of `Unavailable`."""

    def __init__(
        self, status: int, clockodo_says: str = "", *, reason: str = "", late: bool = False, answered: bool = False
    ) -> None:
        self.late = late
        self.answered = answered
        super().__init__(status, clockodo_says, reason=reason)

    def _sentence(self) -> str:
        return (
            f"The answer to this change was lost ({self.why}), so it may or may not have happened. Look whether it has "
            "before repeating it."
        )


class ShiftedWhileReading(ClockodoError):
    """Entries were added, removed or moved while the pages were read."""

    def _sentence(self) -> str:
        return (
            "The entries kept changing while they were being read, so a total would not be exact. "
            "Nothing was left out silently: call again in a minute, or ask for a shorter period."
        )


def one_line(text: str) -> str:
    """Clockodo's words as one short line: no control characters, no markup."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in re.sub(r"<[^>]*>", " ", text)).split())
    return flat if len(flat) <= MESSAGE_LENGTH else flat[: MESSAGE_LENGTH - 1] + "…"
