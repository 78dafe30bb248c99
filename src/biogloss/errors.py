"""What can go wrong, by whose fault. Every message says what, where, what was expected and what to do.

    BioglossError                 a user can act on it: exit code 2
    ├── InputError                something in a file or text the user gave
    │   ├── FormatError           the bytes are not of the format they should be
    │   ├── OffsetMismatch        an annotation disagrees with the text at its offsets
    │   ├── EncodingError         the bytes are not in the encoding asked for
    │   └── UnsafeInputError      entity expansion, external entities, a part beyond the limits
    ├── OutputError               the result cannot be written (permission, full disk, exists already)
    ├── CannotHold                the output format has no place for something in the document
    ├── ModelError                a model folder is missing, incomplete, changed or of another version
    ├── KnowledgeError            an index of terms or a graph is missing, damaged or of another version
    ├── ConfigError               a recipe, option or label that does not exist
    ├── TooManyFailures           more documents failed than the user allows
    ├── TrainingError             the loss of a run went astray
    └── MissingExtra              an optional package is needed

A failure of one document is a :class:`Failure`, a value in the stream, not an exception.
"""

from __future__ import annotations

from dataclasses import dataclass

NAME_ENCODING = (
    "Name the file's encoding, for example --encoding latin-1 or --encoding gb18030; "
    "where a command has no such option, biogloss convert has it and writes UTF-8"
)
"""What to do about an :class:`EncodingError`."""


class BioglossError(Exception):
    """Base of everything a user can act on."""


class InputError(BioglossError):
    """Something in a file or text the user gave.

    Args:
        what: what was found.
        file: its name, as the user gave it.
        place: where in it ("record 7,000, line 12").
        expected: what should have been there.
        todo: what the user can do.
    """

    def __init__(self, what: str, *, file: str = "", place: str = "", expected: str = "", todo: str = "") -> None:
        where = ", ".join(part for part in (file, place) if part)
        message = f"{where}: {what}" if where else what
        if expected:
            message += f"; expected {expected}"
        if todo:
            message += f". {todo}"
        super().__init__(message)


class FormatError(InputError):
    """The bytes are not of the format they should be."""


class OffsetMismatch(InputError):  # noqa: N818 - says what happened; the base carries "Error"
    """An annotation disagrees with the text at its offsets."""


class EncodingError(InputError):
    """The bytes are not in the encoding asked for."""


class UnsafeInputError(InputError):
    """The input would make the parser fetch, expand or hold more than it may."""


class OutputError(BioglossError):
    """The result cannot be written."""


class CannotHold(BioglossError):  # noqa: N818
    """The output format has no place for something in the document."""


class ModelError(BioglossError):
    """A model folder is missing, incomplete, changed or of another version."""


class KnowledgeError(BioglossError):
    """An index of terms or a graph is missing, damaged or of another version."""


class ConfigError(BioglossError):
    """A recipe, option or label that does not exist."""


class TooManyFailures(BioglossError):  # noqa: N818
    """More documents failed than the user allows."""


class TrainingError(BioglossError):
    """The loss of a run went astray, again and again."""


class MissingExtra(BioglossError):  # noqa: N818
    """An optional package is needed and not installed."""

    def __init__(self, package: str, extra: str, needed_for: str) -> None:
        super().__init__(f"{needed_for} needs the package {package}: pip install 'biogloss[{extra}]'")


@dataclass(frozen=True, slots=True)
class Failure:
    """One document that could not be read or annotated; the rest of the run goes on.

    ``document_id`` is the id, or the place in the file where none was read; ``step`` is the reader or pipeline step.
    """

    document_id: str
    step: str
    error: Exception

    def __str__(self) -> str:
        return f"{self.document_id}: {self.step}: {self.error}"
