"""What goes into a bulk run, and what stands in its folder."""

from __future__ import annotations

import gzip
import json

from biogloss.formats import jsonl


def written(folder, texts, name="in.jsonl"):
    folder.mkdir(exist_ok=True)
    lines = (json.dumps({"id": f"{name}-{number}", "text": text}) + "\n" for number, text in enumerate(texts))
    content = "".join(lines).encode()
    (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return folder / name


def gouts(count, **others):
    """``count`` harmless texts, but for those given by ``_number=text``."""
    return [others.get(f"_{number}", f"Gout V600E {number}.") for number in range(count)]


def ids(folder):
    return [document.id for path in sorted(folder.glob("part-*")) for document in jsonl.read(path)]


def shards(folder):
    return {path.name: path.read_bytes() for path in folder.glob("part-*")}


def manifest(folder):
    return json.loads((folder / "_run" / "manifest.json").read_text(encoding="utf-8"))


def left(folder):
    """What a run has left beside its shards."""
    return sorted(path.name for path in (folder / "_run").iterdir())


def failures(folder):
    return [json.loads(line) for line in (folder / "_run" / "failures.jsonl").read_text(encoding="utf-8").splitlines()]
