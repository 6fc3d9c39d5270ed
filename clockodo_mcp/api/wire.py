"""The rules of Clockodo's HTTP dialect, without doing any HTTP.

Bytes and values in, values and errors out: headers, moments, filters, both error shapes, `Retry-After`.
Source of each rule: the OpenAPI document, unless said otherwise.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from clockodo_mcp.api.failures import (
    ClockodoError,
    Forbidden,
    NotFound,
    Refused,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unusable,
)
from clockodo_mcp.config import Settings

type_of_status: dict[int, type[ClockodoError]] = {401: Unauthorized, 403: Forbidden, 404: NotFound}

GATEWAY_TIMEOUT = 504
"""A proxy gave up waiting; behind it the request may go on. Source: RFC 9110, 15.6.5."""

Scalar = str | int | float | bool
QueryPairs = list[tuple[str, str | int | float | bool | None]]


def headers(settings: Settings) -> dict[str, str]:
    """The three headers of every request, plus the language of error texts."""
    return {
        "X-ClockodoApiUser": settings.api_user,
        "X-ClockodoApiKey": settings.api_key.read(),
        "X-Clockodo-External-Application": settings.external_application,
        "Accept": "application/json",
        "Accept-Language": "en",
    }


def utc(moment: datetime) -> str:
    """An aware moment as Clockodo takes it: UTC, whole seconds, `Z`. Fractions are cut.

    >>> utc(datetime.fromisoformat("2021-06-30T14:34:56+02:00"))
    '2021-06-30T12:34:56Z'
    """
    if moment.tzinfo is None:
        raise ValueError("a moment on the wire needs a time zone")
    # Unlike strftime, it writes four digits of every year on every system.
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def text_of(value: Scalar) -> str:
    """One parameter's value: booleans as true/false, as the OpenAPI types them."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def query(
    plain: Mapping[str, Scalar | None] | None = None,
    *,
    filters: Mapping[str, Scalar | None] | None = None,
    arrays: Mapping[str, Iterable[Scalar]] | None = None,
) -> QueryPairs:
    """Query parameters in order; `None` is left out.

    >>> query({"page": 2}, filters={"users_id": 7, "text": None}, arrays={"grouping": ["day"]})
    [('page', '2'), ('filter[users_id]', '7'), ('grouping[]', 'day')]
    """
    pairs: QueryPairs = [(name, text_of(value)) for name, value in (plain or {}).items() if value is not None]
    pairs += [(f"filter[{name}]", text_of(value)) for name, value in (filters or {}).items() if value is not None]
    pairs += [(f"{name}[]", text_of(value)) for name, values in (arrays or {}).items() for value in values]
    return pairs


def checked(status: int, answer_headers: Mapping[str, str], body: bytes, *, now: datetime) -> bytes:
    """The body of a good answer.

    Raises:
        ClockodoError: the most specific kind, with Clockodo's message and fields from either error shape.
    """
    if 200 <= status < 300:
        if not body.lstrip()[:1] == b"{":
            raise Unavailable(status, reason="the answer was not JSON; is a proxy in between?")
        return body
    message, fields = complaint(body)
    if status == 429:
        raise TooManyRequests(status, message, retry_after=retry_after(answer_headers.get("retry-after"), now=now))
    if status >= 500:
        raise Unavailable(status, message, late=status == GATEWAY_TIMEOUT, answered=bool(message or fields))
    if status < 400:
        raise Unusable(status, reason="an unexpected redirect; check CLOCKODO_BASE_URL")
    raise type_of_status.get(status, Refused)(status, message, fields)


def complaint(body: bytes) -> tuple[str, tuple[str, ...]]:
    """Clockodo's message and the fields it names; empty for HTML and anything else that is not its JSON.

    Two shapes: `{"error": {"message", "fields"}}` and `{"errors": [{"message", "details", "path"}]}`.
    """
    try:
        said = json.loads(body)
    except ValueError:
        return "", ()
    if not isinstance(said, dict):
        return "", ()
    error = said.get("error")
    if isinstance(error, dict):
        fields = error.get("fields")
        return str(error.get("message") or ""), tuple(map(str, fields)) if isinstance(fields, list) else ()
    errors = said.get("errors")
    if isinstance(errors, list):
        found = [item for item in errors if isinstance(item, dict)]
        message = "; ".join(str(item["message"]) for item in found if item.get("message"))
        return message, tuple(_path(item["path"]) for item in found if item.get("path"))
    return "", ()


def _path(path: object) -> str:
    return ".".join(map(str, path)) if isinstance(path, list) else str(path)


def said_date(value: str | None) -> datetime | None:
    """The moment of a `Date` header (RFC 9110, 6.6.1), in whole seconds; None if there is none to read.

    >>> said_date("Thu, 01 Jan 2026 00:00:30 GMT")
    datetime.datetime(2026, 1, 1, 0, 0, 30, tzinfo=datetime.timezone.utc)
    """
    try:
        return parsedate_to_datetime(value).astimezone(UTC) if value else None
    except ValueError:
        return None


def retry_after(value: str | None, *, now: datetime) -> float | None:
    """Seconds to wait by a `Retry-After` header, which holds seconds or a date (RFC 9110, 10.2.3); None if unreadable.

    >>> retry_after("7", now=datetime(2026, 1, 1, tzinfo=UTC))
    7.0
    >>> retry_after("Thu, 01 Jan 2026 00:00:30 GMT", now=datetime(2026, 1, 1, tzinfo=UTC))
    30.0
    """
    if value is not None and value.strip().isdigit():
        return float(value)
    moment = said_date(value)
    return None if moment is None else max(0.0, (moment - now).total_seconds())
