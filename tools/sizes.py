"""Is everything small enough to read? Files, functions, argument lists and class trees against their limits.

    $ python tools/sizes.py
    src/biogloss/formats/brat.py:88: function read is 43 lines long, the limit is 40

What counts: a file's lines, all of them; a function's lines from ``def`` to its last, without decorators and docstring;
every named argument, keyword-only ones too, but ``self`` and ``cls``; how many classes of this project a class stands
on, itself among them (exceptions aside: their tree is drawn in ``errors.py``). Tests take fixtures as arguments and are
not counted there. Exit code 1 where anything is over a limit, or an exception below has nothing to excuse any more.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("src", "tools", "benchmarks", "tests")
LIMITS = {"file": 400, "function": 40, "arguments": 6, "depth": 2}

# (file, what is limited) -> why it may be over. Nothing else is excused.
EXCEPTIONS: Mapping[tuple[str, str], str] = {
    ("src/biogloss/apps/cli.py", "arguments"): "typer makes a command's options from its arguments",
    ("src/biogloss/apps/evaluation.py", "arguments"): "typer makes a command's options from its arguments",
    ("src/biogloss/apps/explanation.py", "arguments"): "typer makes a command's options from its arguments",
    ("src/biogloss/apps/graph.py", "arguments"): "typer makes a command's options from its arguments",
    ("src/biogloss/apps/link.py", "arguments"): "typer makes a command's options from its arguments",
    ("src/biogloss/apps/serve.py", "arguments"): "typer makes a command's options from its arguments",
    ("src/biogloss/apps/terms.py", "arguments"): "typer makes a command's options from its arguments",
    ("src/biogloss/apps/vocabulary.py", "arguments"): "typer makes a command's options from its arguments",
    ("src/biogloss/pipeline/gloss.py", "arguments"): "a pipeline's options are its user's choices",
    ("src/biogloss/formats/csv.py", "arguments"): "a format's options are the arguments of its reader",
    ("src/biogloss/formats/tsv.py", "arguments"): "a format's options are the arguments of its reader",
    ("src/biogloss/apps/spacy_component.py", "arguments"): "spaCy makes a component's options from its arguments",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Excess:
    """Something over its limit: where it is, which limit, and how to say it."""

    file: str
    line: int
    limit: str
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words}, the limit is {LIMITS[self.limit]}"


def main(root: Path = ROOT) -> int:
    """Print what is over a limit; returns the exit code."""
    found = list(excesses(root))
    idle = EXCEPTIONS.keys() - {(excess.file, excess.limit) for excess in found}
    problems = [str(excess) for excess in found if (excess.file, excess.limit) not in EXCEPTIONS]
    problems += [f"{file}: within its {limit} limit again: take it out of EXCEPTIONS" for file, limit in sorted(idle)]
    print("\n".join(problems) or f"sizes: {sum(1 for _ in sources(root))} files within their limits")
    return 1 if problems else 0


def sources(root: Path) -> Iterator[Path]:
    """The Python files that are checked."""
    for folder in FOLDERS:
        yield from sorted((root / folder).rglob("*.py"))


def excesses(root: Path) -> Iterator[Excess]:
    """Everything over a limit, file by file."""
    trees = {}
    for path in sources(root):
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        trees[name] = ast.parse(text, name)
        lines = len(text.splitlines())
        if lines > LIMITS["file"]:
            yield Excess(name, lines, "file", f"{lines} lines")
        yield from _functions(name, trees[name])
    yield from _classes(trees)


def _functions(file: str, tree: ast.Module) -> Iterator[Excess]:
    for node in ast.walk(tree):
        if not isinstance(node, Function):
            continue
        if (lines := _length(node)) > LIMITS["function"]:
            yield Excess(file, node.lineno, "function", f"function {node.name} is {lines} lines long")
        if not file.startswith("tests/") and (count := _arguments(node)) > LIMITS["arguments"]:
            yield Excess(file, node.lineno, "arguments", f"function {node.name} takes {count} arguments")


def _length(node: Function) -> int:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _arguments(node: Function) -> int:
    named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return sum(argument.arg not in {"self", "cls"} for argument in named)


def _classes(trees: Mapping[str, ast.Module]) -> Iterator[Excess]:
    found = [(file, node) for file, tree in trees.items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = {node.name: [_name(base) for base in node.bases] for _, node in found}
    for file, node in found:
        chain = _ancestry(node.name, bases)
        depth = sum(name in bases for name in chain)
        if depth > LIMITS["depth"] and not {"Exception", "ValueError"} & set(chain):
            yield Excess(file, node.lineno, "depth", f"class {node.name} is {depth} classes deep")


def _ancestry(name: str, bases: Mapping[str, Sequence[str]], below: tuple[str, ...] = ()) -> list[str]:
    """The longest chain of names from a class upwards; ``below`` guards against a class named like its base."""
    if name in below:
        return []
    above = [_ancestry(base, bases, (*below, name)) for base in bases.get(name, ())]
    return [name, *max(above, key=len, default=[])]


def _name(base: ast.expr) -> str:
    if isinstance(base, ast.Subscript):
        return _name(base.value)
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")


if __name__ == "__main__":
    sys.exit(main())
