"""How tools meet the protocol: plain schemas, arguments refused in our words, foreseen failures let through.

Of a failing tool only a `ToolError`'s text reaches the model, so every failure that was foreseen becomes one here,
and nowhere else, whether it was raised by the tool or by what resolves its parameters. Anything else is a bug of
ours: the SDK logs it and tells the model only the tool's name.
"""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations
from pydantic import ValidationError

from clockodo_mcp.domain.cells import cell
from clockodo_mcp.domain.errors import call_again, shown
from clockodo_mcp.errors import ClockodoMcpError

FIND_IDS = " To find ids, call list_entries with period='last_7_days'."


class SpokenTool(Tool):
    """A tool whose refusals are sentences."""

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        """Check the arguments' names and types, then run.

        Raises:
            ToolError: with a sentence that says what to do next.
        """
        known = self.parameters.get("properties", {})
        for name, value in arguments.items():
            if name not in known:
                raise ToolError(unknown_argument(self.name, name, value, list(known)))
        try:
            self.fn_metadata.validate_arguments(arguments)
        except ValidationError as error:
            raise ToolError(wrong_arguments(self.name, error, arguments, known)) from None
        try:
            return await super().run(arguments, context, convert_result)
        except UnexpectedToolError as error:
            if isinstance(error.__cause__, ClockodoMcpError):
                raise ToolError(str(error.__cause__)) from error.__cause__
            raise


def unknown_argument(tool: str, name: str, value: Any, known: list[str]) -> str:
    """The sentence about an argument that the tool does not have, with the nearest that it has."""
    near = get_close_matches(name.removesuffix("s_id").removesuffix("_id"), known, n=1, cutoff=0.4)
    plain = value if isinstance(value, int | float) else cell(str(value), 60)
    again = f"{call_again(**{near[0]: plain})[:-1]} instead of {shown(name)}." if near else " Call again without it."
    takes = ", ".join(known) or "no arguments"
    return f"{tool} has no argument {shown(name)}. Nothing was done. It takes: {takes}.{again}"


def wrong_arguments(tool: str, error: ValidationError, given: dict[str, Any], known: dict[str, Any]) -> str:
    """The sentences about arguments that are missing or of a wrong type: name, what it takes, what would work."""
    said: dict[str, str] = {}
    again: dict[str, Any] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        described = known.get(name, {}).get("description", "")
        takes = f"It takes: {described}" if described else ""
        reason = "is required." if problem["type"] == "missing" else f"{_reason(problem['type'], known.get(name, {}))}."
        said[name] = f"{name} {reason} {takes}".strip()
        again |= _instead(name, given.get(name), known.get(name, {}))
    return f"{tool}: {' '.join(said.values())} Nothing was done.{call_again(**again) or FIND_IDS}"


def _instead(name: str, value: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """The nearest value that the schema takes; nothing where only the person can know it."""
    if name == "id":
        return {}
    if isinstance(value, int | float) and {"minimum", "maximum"} & schema.keys():
        return {name: min(max(value, schema.get("minimum", value)), schema.get("maximum", value))}
    if "enum" in schema:
        return {name: next(one for one in schema["enum"] if one)}
    if schema.get("type") == "string" and isinstance(value, str):
        return {name: cell(value, 60)}
    examples = {"boolean": True, "integer": 1, "number": 1.0, "array": [], "string": ""}
    return {name: schema.get("default", examples[schema.get("type", "string")])}


def _reason(kind: str, schema: dict[str, Any]) -> str:
    choices = schema.get("enum")
    if choices:
        return f"must be one of {', '.join(repr(choice) for choice in choices)}"
    if "greater" in kind or "less" in kind:
        bounds = [
            f"at least {schema['minimum']}" if "minimum" in schema else "",
            f"at most {schema['maximum']}" if "maximum" in schema else "",
        ]
        return f"must be {' and '.join(bound for bound in bounds if bound) or 'within its bounds'}"
    return f"must be of type {schema.get('type', 'string')}"


def tool(
    *,
    title: str,
    writes: bool = False,
    destructive: bool = False,
    idempotent: bool | None = None,
) -> Callable[[Callable[..., Any]], SpokenTool]:
    """Turn a function into a tool. Its docstring is the description, its annotated parameters are the schema."""

    def decorate(function: Callable[..., Any]) -> SpokenTool:
        made = SpokenTool.from_function(
            function,
            title=title,
            description=" ".join((function.__doc__ or "").split()),
            annotations=ToolAnnotations(
                title=title,
                read_only_hint=not writes,
                destructive_hint=destructive,
                idempotent_hint=not writes if idempotent is None else idempotent,
                open_world_hint=True,
            ),
        )
        made.parameters = lean(made.parameters)
        assert isinstance(made, SpokenTool)
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
