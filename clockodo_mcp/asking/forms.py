"""Questions as forms of the client, the same for both eras of the protocol.

Before 2026-07-28 a question is sent while the call waits. From then on it ends the call: the client repeats the call
with the answer, and the body runs again from the top. So an answer is known by its key, never by its wording, and the
call goes on in the moment in which it began: both travel in `requestState`, which the SDK seals.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mcp.server.mcpserver import Context
from mcp.types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult
from mcp_types.version import is_version_at_least

QUESTIONS_END_CALLS = "2026-07-28"
"""The version of the protocol from which on a question ends the call."""

OLDEST = "2024-11-05"


class Asked(Exception):
    """A question that ends the call; `result` is what the client is sent."""

    def __init__(self, result: InputRequiredResult) -> None:
        self.result = result
        super().__init__()


class Forms:
    """The person in front of a client, asked by forms with one field."""

    def __init__(self, context: Context[Any, Any]) -> None:
        self.waited_for = False
        self._context = context
        state = json.loads(context.request_state or "{}")
        self.began: datetime | None = datetime.fromisoformat(state["began"]) if "began" in state else None
        self._chosen: dict[str, str | None] = state.get("chosen", {})
        for key, response in (context.input_responses or {}).items():
            content = getattr(response, "content", None) or {}
            accepted = getattr(response, "action", "") == "accept"
            self._chosen[key] = str(content.get("choice")) if accepted else None

    @property
    def can_be_asked(self) -> bool:
        """Whether the client shows forms; a bare `elicitation: {}` says so, too."""
        capabilities = self._context.client_capabilities
        asks = capabilities.elicitation if capabilities else None
        return asks is not None and (asks.form is not None or asks.url is None)

    async def choose(self, key: str, question: str, choices: Sequence[str]) -> str | None:
        """One of the choices; None where the person declined, closed the form, or the client sent something else.

        Raises:
            Asked: the question ends this run of the call.
        """
        if key not in self._chosen:
            schema = {
                "type": "object",
                "properties": {"choice": {"type": "string", "title": "Choice", "enum": list(choices)}},
                "required": ["choice"],
            }
            if is_version_at_least(self._context.protocol_version or OLDEST, QUESTIONS_END_CALLS):
                form = ElicitRequest(params=ElicitRequestFormParams(message=question, requested_schema=schema))
                assert self.began is not None, "a call has begun"
                state = json.dumps({"began": self.began.isoformat(), "chosen": self._chosen})
                raise Asked(InputRequiredResult(input_requests={key: form}, request_state=state))
            self.waited_for = True
            answer = await self._context.session.elicit_form(
                question, schema, related_request_id=self._context.request_id
            )
            content = answer.content or {}
            self._chosen[key] = str(content.get("choice")) if answer.action == "accept" else None
        chosen = self._chosen[key]
        return chosen if chosen in choices else None
