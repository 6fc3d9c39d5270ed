"""Prompts out of Markdown files: TOML front matter between `+++` lines, then a body with `${placeholders}`.

A malformed file fails at start, with its name and line.
"""

import re
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.prompts.base import PromptArgument
from pydantic import BaseModel, ConfigDict, ValidationError

from clockodo_mcp.cells import lines_of
from clockodo_mcp.errors import ClockodoMcpError

FENCE = "+++"


class MalformedPrompt(ClockodoMcpError):
    """A prompt file that cannot be used."""


class _Argument(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    description: str
    required: bool = False


class _Front(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    title: str
    description: str
    arguments: list[_Argument] = []


def prompts_folder() -> Traversable:
    """Where the files are: inside the installed package, or beside it in a checkout."""
    packaged = files("clockodo_mcp") / "prompt_files"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent.parent / "prompts"


def load_prompts(folder: Traversable | None = None) -> list[Prompt]:
    """Every prompt of a folder, by name.

    Raises:
        MalformedPrompt: names the file and the line.
    """
    found = sorted(
        (one for one in (folder or prompts_folder()).iterdir() if one.name.endswith(".md")), key=lambda one: one.name
    )
    return [parse_prompt(one.name, one.read_text(encoding="utf-8")) for one in found]


def parse_prompt(file: str, text: str) -> Prompt:
    """One prompt out of a file's text.

    Raises:
        MalformedPrompt: no front matter, wrong TOML, a missing or unknown key, or a placeholder without an argument.
    """
    lines = text.splitlines()
    if not lines or lines[0] != FENCE or FENCE not in lines[1:]:
        raise MalformedPrompt(f"{file}, line 1: the file must begin with front matter between two lines of {FENCE}.")
    end = lines.index(FENCE, 1)
    try:
        front = _Front.model_validate(tomllib.loads("\n".join(["", *lines[1:end]])))
    except tomllib.TOMLDecodeError as error:
        raise MalformedPrompt(f"{file}: the front matter is not TOML: {error}.") from None
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise MalformedPrompt(f"{file}, line {_line_of(lines, problem['loc'])}: {where}: {problem['msg']}.") from None
    body = Template("\n".join(lines[end + 1 :]).strip())
    names = {argument.name for argument in front.arguments}
    for number, line in enumerate(lines[end + 1 :], start=end + 2):
        template = Template(line)
        if not template.is_valid():
            raise MalformedPrompt(f"{file}, line {number}: a '$' that is not a placeholder; write it as '$$'.")
        if unknown := set(template.get_identifiers()) - names:
            raise MalformedPrompt(f"{file}, line {number}: no argument is named {', '.join(sorted(unknown))}.")

    async def render(**given: str) -> str:
        return body.substitute(
            dict.fromkeys(names, "(not given)")
            | {name: lines_of(value) for name, value in given.items() if name in names and value.strip()}
        )

    return Prompt(
        name=front.name,
        title=front.title,
        description=front.description,
        arguments=[PromptArgument(**argument.model_dump()) for argument in front.arguments],
        fn=render,
    )


def _line_of(lines: list[str], loc: tuple[int | str, ...]) -> int:
    key = next((part for part in reversed(loc) if isinstance(part, str)), "")
    return next(
        (number for number, line in enumerate(lines, start=1) if re.match(rf"\s*{re.escape(key)}\s*=", line)), 1
    )
