"""The folder of a run belongs to one recipe: whoever goes on with it must mean the same run.

claim(Path("runs/mine"), decided(recipe), checkpoint="checkpoint.safetensors")
"""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biogloss.errors import ConfigError, InputError
from biogloss.models.folder import checksum

if TYPE_CHECKING:
    from collections.abc import Mapping

    from biogloss.training.recipe import Recipe

RECORD = "recipe.json"
PACKAGES = ("biogloss", "torch", "transformers", "tokenizers", "numpy")


def decided(recipe: Recipe) -> dict[str, Any]:
    """All that decides a run of fine-tuning: the recipe, and what its own files hold now.

    Raises:
        InputError: a file cannot be read.
    """
    found = recipe.as_dict()
    for learned in recipe.learned:
        for split, paths in learned.files.items():
            found[f"content of {learned.head}'s files for {split}"] = [_content(Path(path)) for path in paths]
    return found


def _content(path: Path) -> str:
    """SHA-256 of a file; of a folder, of all its files and their names."""
    try:
        if not path.is_dir():
            return checksum(path)
        digest = hashlib.sha256()
        for file in sorted(one for one in path.rglob("*") if one.is_file()):
            digest.update(f"{file.relative_to(path)} {checksum(file)}\n".encode())
        return digest.hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error


def refuse_others(run: Path) -> None:
    """Refuse a place that holds something else than a run.

    Raises:
        ConfigError: a file, or a folder with files and without the record of a run.
    """
    if run.exists() and not (run / RECORD).exists() and (not run.is_dir() or any(run.iterdir())):
        raise ConfigError(f"{run}: there is something that is not a run of fine-tuning; name another folder")


def claim(run: Path, recipe: Mapping[str, Any], checkpoint: str) -> None:
    """Write the resolved recipe into ``recipe.json``, or check that the folder's run is of the same one.

    Args:
        run: the folder; it is made where there is none.
        recipe: everything that decides the run.
        checkpoint: the name of its checkpoint; without that file nothing is lost by starting anew.

    Raises:
        ConfigError: the folder holds a run of another recipe.
    """
    run.mkdir(parents=True, exist_ok=True)
    path = run / RECORD
    resolved = json.loads(json.dumps(recipe))
    if path.exists() and (run / checkpoint).exists():
        before = json.loads(path.read_text(encoding="utf-8"))["recipe"]
        if changed := sorted(key for key in resolved if resolved[key] != before.get(key)):
            raise ConfigError(
                f"{run}: holds a run with other {', '.join(changed)}; name another folder, or delete this one"
            )
        return
    record = {
        "recipe": resolved,
        "packages": {name: version(name) for name in PACKAGES},
        "python": platform.python_version(),
    }
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
