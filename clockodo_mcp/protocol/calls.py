"""The SDK's server for one account: what is offered, and how a call begins. What fails in it is for `boundary.py`."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import anyio
from mcp import MCPError
from mcp.server.apps import client_supports_apps
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp.types import INVALID_PARAMS, CallToolResult, GetPromptResult, InputRequiredResult
from mcp.types import Tool as OfferedTool

from clockodo_mcp.answers.answer import Answer
from clockodo_mcp.app import App
from clockodo_mcp.asking import Forms
from clockodo_mcp.call import Call
from clockodo_mcp.cells import quoted
from clockodo_mcp.protocol.boundary import Boundary, failed, fault
from clockodo_mcp.protocol.lines import only_messages
from clockodo_mcp.protocol.synonyms import as_meant
from clockodo_mcp.protocol.tool import Tool, lean, spoken_of
from clockodo_mcp.writing.changes import ToolCall


class Server(MCPServer[App]):
    """Offers tools for one account."""

    def offer(self, app: App, tools: Sequence[Tool], missing: Collection[str]) -> None:
        """Offer these tools, and speak of none that is missing.

        Where every write is asked about, those that write take the code of a preview.
        """
        settings = app.settings
        self._app = app
        self._tools = {one.name: one for one in tools}
        self._schemas: dict[str, dict[str, Any]] = {}
        for one in tools:
            function = one.function(self._begin, codes=settings.confirm == "always", structured=settings.structured)
            description = spoken_of(one.description, missing)
            self.add_tool(
                function, one.name, one.title, description, one.annotations, meta=one.meta,
                structured_output=settings.structured,
            )  # fmt: skip

    async def run_stdio_async(self) -> None:
        """Serve a host over stdin and stdout; also a line that is no message is answered."""
        async with stdio_server() as (lines, answers), anyio.create_task_group() as group:
            into, messages = anyio.create_memory_object_stream[SessionMessage | Exception](0)
            group.start_soon(only_messages, lines, into, answers.send)
            await self._lowlevel_server.run(messages, answers, self._lowlevel_server.create_initialization_options())

    async def list_tools(self) -> list[OfferedTool]:
        """The tools with lean schemas."""
        return [one.model_copy(update={"input_schema": lean(one.input_schema)}) for one in await super().list_tools()]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[App, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Run a tool inside of its boundary: wrong arguments are refused, and what fails is put into words.

        Raises:
            MCPError: of the SDK, for the protocol.
            UnexpectedToolError: a fault of ours, with a sentence for the model; the SDK logs it with its cause.
        """
        if name not in self._tools:
            return failed(f"There is no tool {quoted(name)}. Offered are: {', '.join(self._tools)}.")
        tool = self._tools[name]
        try:
            schema = await self._schema(name)
            boundary = Boundary(tool, self._tools, schema["properties"], schema.get("required", ()))
            given = boundary.meant(arguments)
            if refusal := boundary.refusal(given):
                return refusal
        except Exception as error:
            raise fault(tool, self._tools) from error
        try:
            return await super().call_tool(name, given, context)
        except Exception as error:  # noqa: BLE001 - put into words, or raised again
            return boundary.failure(error, given)

    async def get_prompt(
        self, name: str, arguments: dict[str, str] | None = None, context: Context[App, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """A prompt with its arguments filled in.

        Raises:
            MCPError: there is no such prompt, or an argument is missing that it needs.
        """
        prompts = {one.name: one for one in await self.list_prompts()}
        if name not in prompts:
            raise MCPError(INVALID_PARAMS, f"There is no prompt {quoted(name)}. Offered are: {', '.join(prompts)}.")
        needed = [one for one in prompts[name].arguments or [] if one.required and not (arguments or {}).get(one.name)]
        if needed:
            lacks = "; ".join(f"{one.name}: {one.description}" for one in needed)
            raise MCPError(INVALID_PARAMS, f"The prompt {name} needs {lacks}.")
        return await super().get_prompt(name, arguments, context)

    def offers(self, tool: str) -> bool:
        """Whether a tool is offered."""
        return tool in self._tools

    async def answer_of(self, tool: str, **arguments: Any) -> Answer[Any]:
        """What a tool answers without a client: for resources."""
        app = self._app
        asked_for = ToolCall(tool, arguments)
        call = Call(app, await app.account.caller(), app.now(), asked_for, self._tools)
        return await self._tools[tool].body(call, **arguments)

    async def _schema(self, name: str) -> dict[str, Any]:
        if not self._schemas:
            self._schemas = {one.name: one.input_schema for one in await self.list_tools()}
        return self._schemas[name]

    async def _begin(
        self, tool: str, arguments: Mapping[str, Any], confirm: str, takes_code: bool, context: Context[Any, Any]
    ) -> Call:
        """The call as its body is handed it. It goes on in the moment in which it began: before a question, or when
        its preview was made.
        """
        app = self._app
        arguments = as_meant(arguments, (await self._schema(tool))["properties"])
        about = context.session.client_params
        client = about.client_info.name if about else ""
        turns = app.writer.turns
        asked_for = ToolCall(tool, arguments, client, turn=turns.begin())
        forms = Forms(context, partial(turns.let_others, asked_for.turn))
        now = forms.began or app.codes.moment_of(confirm, tool, arguments) or app.now()
        forms.began = now

        async def report(done: int, of: int, words: str) -> None:
            await context.report_progress(done, of, words)

        caller = await app.account.caller()
        shows_pages = client_supports_apps(context)
        return Call(
            app, caller, now, asked_for, self._tools, forms, confirm, takes_code, report, shows_pages=shows_pages
        )
