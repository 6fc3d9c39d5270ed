"""What a tool answers: words for every reader, and the same as facts for programs that want them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Facts(BaseModel):
    """What a tool answers, in fields. A model of them is built when it is first needed: most hosts only read words."""

    model_config = ConfigDict(defer_build=True)


F_co = TypeVar("F_co", bound=Facts, covariant=True)


@dataclass(frozen=True)
class Answer(Generic[F_co]):
    """Words, complete by themselves; `facts` says the same in fields. `file` is one that was written, with its type.

    `page` is what a page draws, where that is more than the facts.
    """

    words: str
    facts: F_co
    file: tuple[Path, str, int] | None = None
    page: Facts | None = None
