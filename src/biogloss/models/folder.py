"""Model folders: what is in them, whether it is whole, and what is wrong when it is not.

    biogloss.json   {"format": 2, "kind": "inference", "heads": [{"name": "ner", "task": "ner", ...}], "files": ...}

``inference`` folders hold int8 weights for the runtime, ``trainable`` ones ``model.safetensors`` under Hugging Face
names that ``transformers.AutoModel`` loads, with its heads beside it: one or more, each of a task. ``adapters`` folders
have ``adapters.safetensors`` in its place, and need the encoder that it names. Nothing in a folder is ever unpickled or
executed. Folders of format 1, which had one head for entities, load for ever.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from biogloss.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FORMAT = 2
MANIFEST, CARD = "biogloss.json", "README.md"
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
FIRST = "ner"
"""What the head of a folder of the first format is called; its tensors had no name before theirs."""
INFERENCE, TRAINABLE, ADAPTED = "inference", "trainable", "adapters"
HEADS = "head.safetensors"
WEIGHTS, ADAPTERS = "model.safetensors", "adapters.safetensors"
NEEDED = {
    INFERENCE: ("config.json", "tokenizer.json", HEADS, CARD),
    TRAINABLE: ("config.json", "tokenizer.json", WEIGHTS, HEADS, CARD),
    ADAPTED: ("config.json", "tokenizer.json", ADAPTERS, HEADS, CARD),
}


@dataclass(frozen=True, kw_only=True)
class Head:
    """What one head of a model does.

    Args:
        name: of its tensors in ``head.safetensors``; letters, digits, - and _.
        task: a name of ``biogloss.tasks``.
        labels: what it can say, in the order of its outputs.
        options: the task's other fields, in JSON.
        on_request: that it is silent until it is asked for, as one whose errors not every reader wants.
    """

    name: str
    task: str
    labels: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    on_request: bool = False


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a model is, from its manifest.

    Args:
        kind: ``inference``, ``trainable`` or ``adapters``.
        name: what people call it, with its version: written as the ``source`` of what it finds.
        heads: one or more, with names of their own.
        language: BCP 47.
        max_pieces, overlap: the windows it was trained on.
    """

    kind: str
    name: str
    heads: tuple[Head, ...]
    language: str = "en"
    max_pieces: int = 254
    overlap: int = 32

    def head(self, task: str) -> Head:
        """The first head of a task.

        Raises:
            ModelError: there is none.
        """
        for head in self.heads:
            if head.task == task:
                return head
        has = ", ".join(f"{head.name} ({head.task})" for head in self.heads)
        raise ModelError(f"the model {self.name} has no head of the task {task}; it has: {has}")


T = TypeVar("T")


def named(tensors: Mapping[str, T]) -> dict[str, T]:
    """The tensors of ``head.safetensors`` under the names of their heads; the first format had one, without a name."""
    if set(tensors) == {"weight", "bias"}:
        return {f"{FIRST}.out.{name}": tensor for name, tensor in tensors.items()}
    return dict(tensors)


def is_inference(folder: Path) -> bool:
    """Whether a folder is one of ours for the runtime, whole or not; a folder with weights to train is none."""
    has_own = any((folder / name).is_file() for name in (MANIFEST, "model.bin", "model.onnx"))
    return has_own and not any(folder.glob("model*.safetensors")) and not (folder / ADAPTERS).is_file()


def seal(folder: Path, settings: Settings) -> None:
    """Write the manifest of a finished folder: settings and the checksum of every other file."""
    files = {path.name: checksum(path) for path in sorted(folder.iterdir()) if path.is_file() and path.name != MANIFEST}
    manifest = {"format": FORMAT, **asdict(settings), "files": files}
    for head in manifest["heads"]:
        if not head["on_request"]:
            del head["on_request"]  # so that a version which knows no such heads reads all others
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def settings(folder: Path, *, verify: bool = True) -> Settings:
    """Read a folder's settings; with ``verify``, every file is there and unchanged.

    Raises:
        ModelError: with everything that is wrong, a line each.
    """
    problems = list(diagnose(folder) if verify else _manifest_problems(folder))
    if problems:
        msg = f"{folder}: " + "; ".join(problems) + ". `biogloss doctor FOLDER` checks again after a repair"
        raise ModelError(msg)
    manifest = _manifest(folder)
    known = {name: manifest[name] for name in Settings.__dataclass_fields__ if name in manifest}
    heads = manifest["heads"] if manifest["format"] > 1 else [_only_head(manifest)]
    return Settings(**{**known, "heads": tuple(Head(**{**head, "labels": tuple(head["labels"])}) for head in heads)})


def _only_head(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The one head of a folder of the first format."""
    options = {name: manifest[name] for name in ("thresholds",) if name in manifest}
    return {"name": FIRST, "task": manifest["task"], "labels": manifest["labels"], "options": options}


def diagnose(folder: Path) -> Iterator[str]:
    """Everything that is wrong with a folder, in words; nothing when it is whole."""
    if problems := list(_manifest_problems(folder)):
        yield from problems
        return
    manifest = _manifest(folder)
    listed: dict[str, str] = manifest["files"]
    for name in NEEDED[manifest["kind"]]:
        if name not in listed:
            yield f"the manifest does not list {name}, which a {manifest['kind']} model needs"
    if manifest["kind"] == INFERENCE and not {"model.bin", "model.onnx"} & set(listed):
        yield "the manifest lists neither model.bin nor model.onnx"
    for name, expected in listed.items():
        yield from _file_problems(folder / name, expected)


def _manifest_problems(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        yield "no such model folder"
        return
    if not (folder / MANIFEST).is_file():
        yield f"no {MANIFEST}: not a Biogloss model folder, or its copy is incomplete"
        return
    try:
        manifest = _manifest(folder)
    except (ValueError, RecursionError) as error:
        yield f"{MANIFEST} is not JSON ({error})"
        return
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        yield f"{MANIFEST} names no format version"
    elif manifest["format"] > FORMAT:
        yield f"format {manifest['format']} is newer than this Biogloss reads ({FORMAT}); upgrade Biogloss"
    elif manifest.get("kind") not in list(NEEDED):
        yield f"{MANIFEST} has kind {manifest.get('kind')!r}, expected one of {', '.join(NEEDED)}"
    elif missing := {"name", "files", *(("task", "labels") if manifest["format"] < 2 else ("heads",))} - set(manifest):
        yield f"{MANIFEST} lacks {', '.join(sorted(missing))}"
    else:
        yield from _field_problems(manifest)


def _field_problems(manifest: Mapping[str, Any]) -> Iterator[str]:
    longest, overlap = manifest.get("max_pieces", Settings.max_pieces), manifest.get("overlap", Settings.overlap)
    right = {
        **(_right_heads(manifest) if manifest["format"] > 1 else _right_head(manifest)),
        "name": isinstance(manifest["name"], str),
        "files": _all_of(str, manifest["files"], dict) and all(map(_is_plain, manifest["files"])),
        "language": isinstance(manifest.get("language", ""), str),
        "max_pieces": _is_count(longest),
        "overlap": _is_count(overlap) and (not _is_count(longest) or overlap < longest),
    }
    for name in (name for name, is_right in right.items() if not is_right):
        yield f"{MANIFEST} has a {name} that cannot be: {str(manifest.get(name))[:60]!r}"


def _right_heads(manifest: Mapping[str, Any]) -> dict[str, bool]:
    """Whether there are heads, each is whole, and no two have one name."""
    heads = manifest["heads"]
    if not (isinstance(heads, list) and heads and all(isinstance(head, dict) for head in heads)):
        return {"heads": False}
    known = set(Head.__dataclass_fields__)
    are_whole = all({*head, "on_request"} == known and all(_right_head(head).values()) for head in heads)
    return {"heads": are_whole and len({head["name"] for head in heads}) == len(heads)}


def _right_head(found: Mapping[str, Any]) -> dict[str, bool]:
    labels, options = found["labels"], found.get("options", {})
    thresholds = options.get("thresholds", {}) if isinstance(options, dict) else None
    return {
        "task": isinstance(found["task"], str),
        "name": isinstance(found["name"], str),
        "labels": _all_of(str, labels, list) and len(labels) == len(set(labels)),
        "thresholds": _all_of((int, float), found.get("thresholds", thresholds), dict),
        "on_request": isinstance(found.get("on_request", False), bool),
    }


def _all_of(kind: type | tuple[type, ...], found: object, container: type) -> bool:
    """Whether it is a list or mapping whose values are of the kind."""
    if not isinstance(found, (list, dict)) or not isinstance(found, container):
        return False
    return all(isinstance(value, kind) for value in (found.values() if isinstance(found, dict) else found))


def _is_count(found: object) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and found >= 0


def _is_plain(name: str) -> bool:
    """Whether it names a file of the folder itself, not of a place elsewhere."""
    return bool(name) and not {"/", "\\", ":"} & set(name) and name not in {".", ".."}


def _file_problems(path: Path, expected: str) -> Iterator[str]:
    if not path.is_file():
        yield f"{path.name} is missing"
    elif checksum(path) != expected:
        yield f"{path.name} is truncated or changed (its checksum differs)"


def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def card(folder: Path) -> str:
    """The card of a model, in Markdown, without the lines at its head that are for machines."""
    return _FRONT.sub("", (folder / CARD).read_text(encoding="utf-8"))


def checksum(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
