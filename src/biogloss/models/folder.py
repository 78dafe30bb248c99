"""Model folders: what is in them, whether it is whole, and what is wrong when it is not.

    biogloss.json   {"format": 1, "kind": "inference", "task": "ner", "labels": [...], "files": {"model.bin": "..."}}

``inference`` folders hold int8 weights for the runtime, ``trainable`` ones ``model.safetensors`` under Hugging Face
names that ``transformers.AutoModel`` loads, with the head beside it. Nothing in a folder is ever unpickled or executed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from biogloss.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FORMAT = 1
MANIFEST = "biogloss.json"
INFERENCE, TRAINABLE = "inference", "trainable"
NEEDED = {
    INFERENCE: ("config.json", "tokenizer.json", "head.safetensors", "README.md"),
    TRAINABLE: ("config.json", "tokenizer.json", "model.safetensors", "head.safetensors", "README.md"),
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a model is, from its manifest.

    Args:
        kind: ``inference`` or ``trainable``.
        task: a name of ``biogloss.tasks``.
        name: what people call it, with its version: written as the ``source`` of what it finds.
        labels: entity types, in the order of the head's outputs.
        language: BCP 47.
        max_pieces, overlap: the windows it was trained on.
        thresholds: the least score of an entity of a type.
    """

    kind: str
    task: str
    name: str
    labels: tuple[str, ...]
    language: str = "en"
    max_pieces: int = 254
    overlap: int = 32
    thresholds: Mapping[str, float] = field(default_factory=dict)


def is_inference(folder: Path) -> bool:
    """Whether a folder is one of ours for the runtime, whole or not; a folder with ``model.safetensors`` is none."""
    has_own = any((folder / name).is_file() for name in (MANIFEST, "model.bin", "model.onnx"))
    return has_own and not any(folder.glob("model*.safetensors"))


def seal(folder: Path, settings: Settings) -> None:
    """Write the manifest of a finished folder: settings and the checksum of every other file."""
    files = {path.name: checksum(path) for path in sorted(folder.iterdir()) if path.is_file() and path.name != MANIFEST}
    manifest = {"format": FORMAT, **asdict(settings), "files": files}
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
    return Settings(**{**known, "labels": tuple(known["labels"])})


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
    elif missing := {"task", "name", "labels", "files"} - set(manifest):
        yield f"{MANIFEST} lacks {', '.join(sorted(missing))}"
    else:
        yield from _field_problems(manifest)


def _field_problems(manifest: Mapping[str, Any]) -> Iterator[str]:
    longest, overlap = manifest.get("max_pieces", Settings.max_pieces), manifest.get("overlap", Settings.overlap)
    right = {
        "task": isinstance(manifest["task"], str),
        "name": isinstance(manifest["name"], str),
        "labels": _all_of(str, manifest["labels"], list) and len(manifest["labels"]) == len(set(manifest["labels"])),
        "files": _all_of(str, manifest["files"], dict) and all(map(_is_plain, manifest["files"])),
        "language": isinstance(manifest.get("language", ""), str),
        "max_pieces": _is_count(longest),
        "overlap": _is_count(overlap) and (not _is_count(longest) or overlap < longest),
        "thresholds": _all_of((int, float), manifest.get("thresholds", {}), dict),
    }
    for name in (name for name, is_right in right.items() if not is_right):
        yield f"{MANIFEST} has a {name} that cannot be: {str(manifest.get(name))[:60]!r}"


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


def checksum(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
