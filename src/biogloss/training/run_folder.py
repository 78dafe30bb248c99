"""The folder of a run belongs to one recipe: whoever goes on with it must mean the same run.

claim(Path("runs/mine"), recipe.as_dict(), checkpoint="checkpoint.safetensors")
"""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from biogloss.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RECORD = "recipe.json"
PACKAGES = ("biogloss", "torch", "transformers", "tokenizers", "numpy")


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
