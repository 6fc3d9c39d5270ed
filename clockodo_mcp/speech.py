"""Sentences that a person reads without a model between: in English, which is what models read, and in German."""

from collections.abc import Iterable, Mapping

from clockodo_mcp.german import GERMAN


class Said(str):
    """An English text that has its German. What is made of it by formatting is English alone."""

    german: str

    def in_language(self, language: str) -> str:
        """The text in the language of an account; English where it is none of ours."""
        return self.german if language.startswith("de") else str(self)


def say(template: str, **parts: object) -> Said:
    """A text out of its English template, one of `GERMAN`, and parts, of which each may have its German, too.

    >>> say("Which project is meant by {word}?", word="'Audit'").german
    "Welches Projekt ist mit 'Audit' gemeint?"
    """
    said = Said(template.format(**parts))
    german = {name: in_language(part, "de") if isinstance(part, str) else part for name, part in parts.items()}
    said.german = GERMAN[template].format(**german)
    return said


def joined(between: str, parts: Iterable[str | None]) -> Said:
    """Texts beside each other; those that say nothing are left out."""
    kept = [part for part in parts if part]
    said = Said(between.join(kept))
    said.german = between.join(in_language(part, "de") for part in kept)
    return said


def in_language(text: str, language: str) -> str:
    """A text in a language, as far as it has that."""
    return text.in_language(language) if isinstance(text, Said) else text


def in_both(text: str) -> dict[str, str]:
    """A text by language, for who knows the reader's only later."""
    return {language: in_language(text, language) for language in ("en", "de")}


def chosen_from(labels: Iterable[str], language: str) -> Mapping[str, str]:
    """Labels by what is shown of them in a language."""
    return {in_language(label, language): label for label in labels}
