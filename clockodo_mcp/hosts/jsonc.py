"""One member in and out of a JSON file with comments: all other bytes stay.

A text is read into members that know where they stand; what changes is cut out and put in there.
"""

import json
import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<skip>[\s\ufeff]+|//[^\n]*|/\*.*?\*/)|(?P<sign>[{}\[\]:,])|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<word>[\w.+-]+)""",
    re.DOTALL,
)


class BrokenJson(ValueError):
    """The text is no JSON, not even with comments; `line` is where."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


class Commented(BrokenJson):
    """What would have to go has comments in it."""


def line_of(text: str, position: int) -> int:
    """The number of the line of a position."""
    return text.count("\n", 0, position) + 1


@dataclass
class Value:
    """A value, from `start` to before `end`: of an object its members, of anything else its data."""

    start: int
    end: int = 0
    members: dict[str, "Member"] | None = None
    data: object = None

    def plain(self) -> object:
        """The value without comments."""
        if self.members is None:
            return self.data
        return {name: member.value.plain() for name, member in self.members.items()}


@dataclass
class Member:
    """A member of an object. `start` is where its name begins, `comma` where the comma behind it ends, 0 without."""

    start: int
    value: Value
    comma: int = 0


@dataclass
class _Reader:
    text: str
    tokens: list[tuple[str, int, int]] = field(default_factory=list)
    at: int = 0

    def __post_init__(self) -> None:
        position = 0
        while position < len(self.text):
            match = TOKEN.match(self.text, position)
            # At a lone carriage return a comment ends for some hosts, and for others goes on.
            if match is None or (match[0].startswith("//") and "\r" in match[0][:-1]):
                raise self.broken(position)
            if match.lastgroup != "skip":
                self.tokens.append((str(match.lastgroup), position, match.end()))
            position = match.end()

    def broken(self, position: int) -> BrokenJson:
        return BrokenJson(line_of(self.text, position))

    def next(self) -> tuple[str, int, int]:
        if self.at == len(self.tokens):
            raise self.broken(len(self.text))
        self.at += 1
        return self.tokens[self.at - 1]

    def is_sign(self, sign: str) -> bool:
        """Whether this sign comes next."""
        return self.at < len(self.tokens) and self.text[self.tokens[self.at][1]] == sign

    def value(self) -> Value:
        kind, start, end = self.next()
        if kind != "sign":
            return Value(start, end, data=self.scalar(start, end))
        if self.text[start] == "{":
            return self.object(start)
        if self.text[start] == "[":
            return self.array(start)
        raise self.broken(start)

    def scalar(self, start: int, end: int) -> object:
        try:
            return json.loads(self.text[start:end])
        except ValueError:
            raise self.broken(start) from None

    def object(self, start: int) -> Value:
        members: dict[str, Member] = {}
        last: Member | None = None
        while not self.is_sign("}"):
            if last is not None and not last.comma:
                raise self.broken(last.value.end)
            kind, begins, ends = self.next()
            if kind != "string" or not self.is_sign(":"):
                raise self.broken(begins)
            self.next()
            name = str(self.scalar(begins, ends))
            if name in members:
                raise self.broken(begins)  # hosts disagree on which of them counts
            last = members[name] = Member(begins, self.value())
            if self.is_sign(","):
                last.comma = self.next()[2]
        return Value(start, self.next()[2], members)

    def array(self, start: int) -> Value:
        items: list[object] = []
        goes_on = True
        while not self.is_sign("]"):
            if not goes_on:
                raise self.broken(self.tokens[self.at][1] if self.at < len(self.tokens) else len(self.text))
            items.append(self.value().plain())
            goes_on = self.is_sign(",")
            if goes_on:
                self.next()
        return Value(start, self.next()[2], data=items)


def read(text: str) -> Value:
    """What a text says. Comments and commas at the end of lists are taken; a name that stands twice is not.

    Raises:
        BrokenJson: it cannot be read.
    """
    reader = _Reader(text)
    try:
        value = reader.value()
    except RecursionError:
        raise BrokenJson(1) from None
    if reader.at < len(reader.tokens):
        raise reader.broken(reader.tokens[reader.at][1])
    return value


def with_member(text: str, path: tuple[str, ...], data: object) -> str:
    """The text with this value at the path; what is there already and the same stays as it is written.

    >>> with_member('{"a": 1}', ("b", "c"), {})
    '{"a": 1, "b": {"c": {}}}'

    Raises:
        BrokenJson: the text cannot be read, or has something else than an object on the way.
        Commented: it cannot be changed without losing comments.
    """
    text = text if text.strip("\ufeff \t\r\n") else "{}\n"
    value, line = read(text), "\r\n" if "\r\n" in text else "\n"
    for depth, name in enumerate(path, 1):
        if value.members is None:
            raise BrokenJson(line_of(text, value.start))
        if name not in value.members:
            for outer in reversed(path[depth:]):
                data = {outer: data}
            return _inserted(text, value, name, data, line)
        value = value.members[name].value
    if json.dumps(value.plain()) == json.dumps(data):
        return text
    if isinstance(data, dict) and value.members is not None:
        for name in value.members.keys() - data.keys():
            member = value.members[name]
            _check_comments(text, member.start, member.comma or member.value.end)
            text = without_member(text, (*path, name))
            value = _at(text, path)
        for name, one in data.items():
            text = with_member(text, (*path, name), one)
        return text
    _check_comments(text, value.start, value.end)
    return text[: value.start] + _written(data, _indent_at(text, value.start), _unit(text), line) + text[value.end :]


def written(text: str, path: tuple[str, ...]) -> str:
    """What stands at the path, as it is written."""
    value = _at(text, path)
    return text[value.start : value.end]


def blanks_at_end(text: str, path: tuple[str, ...]) -> tuple[int, int]:
    """Where the blanks begin and end that stand before the end of an object."""
    value = _at(text, path)
    inside = text[value.start + 1 : value.end - 1]
    return value.start + 1 + len(inside.rstrip()), value.end - 1


def has_comment(text: str) -> bool:
    """Whether a value is written with comments in it."""
    return any(one[0].startswith(("//", "/*")) for one in TOKEN.finditer(text))


def _at(text: str, path: tuple[str, ...]) -> Value:
    value = read(text)
    for name in path:
        value = (value.members or {})[name].value
    return value


def _check_comments(text: str, start: int, end: int) -> None:
    if has_comment(text[start:end]):
        raise Commented(line_of(text, start))


def without_member(text: str, path: tuple[str, ...]) -> str:
    """The text without what stands at the path, and without its comma.

    >>> without_member('{"a": 1, "b": {"c": {}}}', ("b",))
    '{"a": 1}'
    """
    value = _at(text, path[:-1])
    members = list((value.members or {}).values())
    number = members.index((value.members or {})[path[-1]])
    begin, end = _line_around(text, members[number])
    if _ends_in_comment(text[:begin]) and not re.match(r"\r?\n", text[end:]):
        begin = members[number].start  # or what follows would be a part of that comment
    if number and not members[number].comma:
        comma = members[number - 1].comma
        text, begin, end = text[: comma - 1] + text[comma:], begin - 1, end - 1
    left = text[:begin] + text[end:]
    alone = len(members) == 1 and not left[value.start + 1 : value.end - 1 - (end - begin)].strip()
    return left[: value.start + 1] + left[value.end - 1 - (end - begin) :] if alone else left


def _line_around(text: str, member: Member) -> tuple[int, int]:
    """Where a member begins and ends with its comma, and with the end of line and the blanks before it."""
    before = re.search(r"(\r?\n)?[ \t]*\Z", text[: member.start])
    return before.start() if before else member.start, member.comma or member.value.end


def _ends_in_comment(text: str) -> bool:
    """Whether a beginning of a text ends in a comment that only the end of its line ends."""
    last = None
    for last in TOKEN.finditer(text):  # noqa: B007 - the last one is asked for
        pass
    return last is not None and last[0].startswith("//")


def _inserted(text: str, into: Value, name: str, data: object, line: str) -> str:
    """As the last member, written as the others are."""
    members, unit = list((into.members or {}).values()), _unit(text)
    on_lines = line in text[into.start : into.end] or not (members or line not in text)
    outer = _indent_at(text, into.start)
    if members and on_lines:
        indent = _indent_at(text, members[-1].start)
        between = line + indent
    elif on_lines or not members:
        indent, between = outer + unit, line + outer + unit
    else:
        indent, between = None, " "
    said = f"{json.dumps(name, ensure_ascii=False)}: {_written(data, indent, unit, line)}"
    if members:
        last = members[-1]
        at, comma = (last.comma, "") if last.comma else (last.value.end, ",")
        # A comment behind the last member is about that one.
        tail = re.match(r"[ \t]*(//[^\n]*[^\r\n]|/\*((?!\*/)[^\n])*\*/)?(?=\r?\n)", text[at:]) if on_lines else None
        behind = tail[0] if tail else ""
        return f"{text[:at]}{comma}{behind}{between}{said}{',' if last.comma else ''}{text[at + len(behind) :]}"
    inside = text[into.start + 1 : into.end - 1].rstrip()
    return f"{text[: into.start + 1]}{inside}{between}{said}{line}{outer}{text[into.end - 1 :]}"


def _written(data: object, indent: str | None, unit: str, line: str) -> str:
    """On one line where there is no indent."""
    if indent is None:
        return json.dumps(data, ensure_ascii=False)
    return json.dumps(data, ensure_ascii=False, indent=unit).replace("\n", line + indent)


def _indent_at(text: str, position: int) -> str:
    """The blanks that the line of a position begins with."""
    begin = text.rfind("\n", 0, position) + 1
    match = re.match(r"[ \t]*", text[begin:position])
    return match[0] if match else ""


def _unit(text: str) -> str:
    """By how much the text indents: as the first line that does."""
    match = re.search(r"\n([ \t]+)\S", text)
    return match[1] if match else "  "
