"""How tools meet the protocol: plain schemas, arguments refused in our words, foreseen failures let through.

Of a failing tool only a `ToolError`'s text reaches the model, so every failure that was foreseen becomes one here,
and nowhere else, whether it was raised by the tool or by what resolves its parameters. Anything else is a bug of
ours: the SDK logs it and tells the model only the tool's name.
"""

from collections.abc import Callable, Container
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations
from pydantic import ValidationError

from clockodo_mcp.api.failures import Refused
from clockodo_mcp.domain.errors import call_again, repeatable
from clockodo_mcp.errors import ClockodoMcpError
from clockodo_mcp.tools.arguments import FIND_IDS
from clockodo_mcp.tools.synonyms import unknown_arguments

LARGEST = 2**53 - 1
"""The largest number that every JSON reader takes as it was written."""

BOOKED_WITH = ("customer", "project", "subproject", "service", "lumpsum_service", "user")
"""Arguments that name an object, and the `..._id` that Clockodo has for it."""


class SpokenTool(Tool):
    """A tool whose refusals are sentences. `writes` is set where it changes something in Clockodo."""

    writes: bool = False

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        """Check the arguments' names and types, then run. Null means that an argument is left out.

        Raises:
            ToolError: with a sentence that says what to do next.
        """
        known = self.parameters.get("properties", {})
        given = {name: value for name, value in arguments.items() if value is not None or name not in known}
        if not given.keys() <= known.keys():
            required = self.parameters.get("required", [])
            raise ToolError(unknown_arguments(self.name, given, list(known), required))
        if wrong := self._wrong(given, known):
            raise ToolError(wrong_arguments(self.name, wrong, given, known))
        try:
            return await super().run(given, context, convert_result)
        except UnexpectedToolError as error:
            cause = error.__cause__
            if isinstance(cause, Refused):
                raise ToolError(f"{cause}{advice_on(cause.fields, known)}") from cause
            if isinstance(cause, ClockodoMcpError):
                raise ToolError(str(cause)) from cause
            raise

    def _wrong(self, given: dict[str, Any], known: dict[str, Any]) -> dict[str, str]:
        """What is wrong with each argument. Python takes True for 1, and no schema keeps out what is no number."""
        wrong = {
            name: f"must be a number, not {str(value).lower()}."
            for name, value in given.items()
            if isinstance(value, bool) and known[name].get("type") in ("integer", "number")
        }
        try:
            values = self.fn_metadata.validate_arguments(given)
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_context=False):
                name = str(problem["loc"][0]) if problem["loc"] else ""
                wrong.setdefault(name, _reason(problem["type"], problem["input"], known.get(name, {})))
            return wrong
        return wrong | {
            name: f"must be a number up to {LARGEST:,}."
            for name in given
            if isinstance(value := values[name], int | float) and not abs(value) <= LARGEST
        }


def advice_on(fields: tuple[str, ...], known: Container[str]) -> str:
    """Which arguments Clockodo complained about, and the search for what they can be; empty for other fields."""
    names = [name for name in BOOKED_WITH if name in known and f"{name}s_id" in fields]
    if not names:
        return ""
    kinds = [f"{name}s" for name in names]
    return f" This is about {' and '.join(names)}: to find an open one, call search_catalog with kinds={kinds}."


def wrong_arguments(tool: str, wrong: dict[str, str], given: dict[str, Any], known: dict[str, Any]) -> str:
    """The sentences about arguments that are missing or of a wrong type: name, what it takes, what would work."""
    said: list[str] = []
    again: dict[str, Any] = {}
    for name, reason in wrong.items():
        schema = known.get(name, {})
        takes = f" It takes: {schema['description'].removesuffix('.')}." if "description" in schema else ""
        said.append(f"{name} {reason}{takes}")
        again |= _instead(name, given.get(name), schema)
    shorten = "" if again or "id" in wrong else " Shorten it and call again."
    return f"{tool}: {' '.join(said)} Nothing was done.{call_again(**again) or shorten or FIND_IDS}"


def _instead(name: str, value: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """The nearest value that the schema takes; nothing where only the person can know it."""
    kind = schema.get("type", "string")
    if name == "id" or (isinstance(value, str | list) and {"maxLength", "maxItems"} & schema.keys()):
        return {}
    if _is_number(value) and {"minimum", "maximum"} & schema.keys():
        low = max(value, schema.get("minimum", value))
        near = min(low, schema.get("maximum", low))
        return {name: int(near) if kind == "integer" else near}
    if "enum" in schema:
        return {name: next(one for one in schema["enum"] if one)}
    if kind == "string" and isinstance(value, str):
        return {name: repeatable(value)}
    examples = {"boolean": True, "integer": 1, "number": 1.0, "array": [], "string": ""}
    return {name: schema.get("default", examples[kind])}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _reason(kind: str, value: Any, schema: dict[str, Any]) -> str:
    """What is wrong with a value, by the word that pydantic has for it."""
    choices = [one for one in schema.get("enum") or schema.get("items", {}).get("enum", ()) if one]
    if kind == "missing":
        return "is required."
    if "too_long" in kind or "too_short" in kind:
        unit = "items" if isinstance(value, list) else "characters"
        most, least = schema.get("maxItems", schema.get("maxLength")), schema.get("minItems", 0)
        bound = f"at most {most:,}" if "too_long" in kind else f"at least {least}"
        return f"has {len(value):,} {unit}, and it takes {bound}."
    if choices:
        of = "a list of" if schema.get("type") == "array" else "one of"
        return f"must be {of} {', '.join(repr(choice) for choice in choices)}."
    if "greater" in kind or "less" in kind:
        bounds = [
            f"at least {schema['minimum']}" if "minimum" in schema else "",
            f"more than {schema['exclusiveMinimum']}" if "exclusiveMinimum" in schema else "",
            f"at most {schema['maximum']}" if "maximum" in schema else "",
        ]
        return f"must be {' and '.join(bound for bound in bounds if bound)}."
    return f"must be of type {schema.get('type', 'string')}."


def tool(
    *,
    title: str,
    writes: bool = False,
    writes_files: bool = False,
    destructive: bool = False,
    idempotent: bool | None = None,
) -> Callable[[Callable[..., Any]], SpokenTool]:
    """Turn a function into a tool. Its docstring is the description, its annotated parameters are the schema.

    It changes something in Clockodo (`writes`), or only files of this machine (`writes_files`), or nothing.
    """

    def decorate(function: Callable[..., Any]) -> SpokenTool:
        made = SpokenTool.from_function(
            function,
            title=title,
            description=" ".join((function.__doc__ or "").split()),
            annotations=ToolAnnotations(
                title=title,
                read_only_hint=not (writes or writes_files),
                destructive_hint=destructive,
                idempotent_hint=not writes if idempotent is None else idempotent,
                open_world_hint=True,
            ),
        )
        made.parameters = lean(made.parameters)
        assert isinstance(made, SpokenTool)
        made.writes = writes
        return made

    return decorate


def without(tool: SpokenTool, argument: str) -> SpokenTool:
    """The same tool without one of its arguments: it is not offered, and refused as unknown."""
    properties = {name: schema for name, schema in tool.parameters["properties"].items() if name != argument}
    return tool.model_copy(update={"parameters": {**tool.parameters, "properties": properties}})


def lean(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without what hosts hand the model for nothing: generated titles, empty and null defaults."""
    properties = {
        name: {
            key: value
            for key, value in one.items()
            if key != "title" and not (key == "default" and value in ("", None, []))
        }
        for name, one in schema.get("properties", {}).items()
    }
    kept = {key: value for key, value in schema.items() if key not in ("title", "properties")}
    return {**kept, "properties": properties, "additionalProperties": False}
