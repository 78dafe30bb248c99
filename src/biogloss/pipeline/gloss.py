"""Biogloss in four lines of Python: a loaded pipeline that turns text into annotated documents.

gloss = biogloss.load()
document = gloss("Metformin lowers glucose in type 2 diabetes.")
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from biogloss.documents import Document
from biogloss.errors import Failure, ModelError
from biogloss.knowledge import shipped
from biogloss.pipeline.run import run
from biogloss.pipeline.steps import abbreviations, assertions, dictionary, linking, sections, sentences, variants
from biogloss.pipeline.steps import model as neural
from biogloss.pipeline.steps._beside import Beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from biogloss.pipeline.run import Step

EMBEDDED = "biogloss-en"
VARIANT = "Variant"


def load(  # noqa: PLR0913 - what its user may choose
    model: Path | str | Sequence[Path | str] = EMBEDDED,
    *,
    types: Sequence[str] = (),
    threshold: float | None = None,
    terms: Path | str | None = None,
    rules: Path | str | None = None,
    workers: int = 1,
    link: bool | Path | str | linking.Linking = True,
    relations: bool = False,
    keep: bool = False,
) -> Gloss:
    """Load a model and the steps around it; without arguments, the English model that ships inside the package.

    Args:
        model: an inference folder, or ``biogloss-en``; of several, which must agree in tasks, labels, windows and
            tokenizer, the mean of their probabilities counts.
        types: keep only these entity types; empty keeps all.
        threshold: the least score in [0, 1] of every type, in place of the model's own.
        terms: a table of the user's own terms, which win over the model (see ``pipeline.steps.dictionary``).
        rules: the user's own headings and cues, which go before those that ship (see ``pipeline.steps._rules``).
        workers: how many threads will annotate at once.
        link: whether entities get identifiers: from the index of terms that ships, where this installation has it; from
            the user's own index, by its file; or by a step that ``pipeline.steps.linking`` made.
        relations: also the relations that a model says on request only, as the embedded one, which errs in many. What
            other models say of relations is said in any case.
        keep: what models say is added to what a document carries, which stays as it is, in place of replacing it.

    Raises:
        ModelError: a folder is not a whole inference model, or models cannot be asked together.
        ConfigError: no model, an unknown type, a threshold out of range, or a rule that cannot be.
        KnowledgeError: the index is none, or damaged.
        OutputError: the index that ships cannot be unpacked into the cache.
    """
    neural_types = [name for name in types if name != VARIANT]
    steps: list[Step] = [sections.step(rules=rules), sentences.step()]
    related = None
    if neural_types or not types:
        own = folders(model)
        loaded = neural.step(own, types=neural_types, threshold=threshold, workers=workers, on_request=relations)
        if neural.NER in loaded.tasks:  # its relations are between concepts: they come when mentions have identifiers
            loaded, related = loaded.apart()
        steps.append(Beside(loaded) if keep else loaded)
    if VARIANT in types or not types:
        steps.append(variants.step())
    steps.append(abbreviations.step())
    if terms is not None:
        steps.append(dictionary.step(path=Path(terms)))
    steps.append(assertions.step(rules=rules))
    if (linked := _linking(link)) is not None:
        steps.append(linked)
    if related is not None:
        steps.append(Beside(related) if keep else related)
    return Gloss(steps)


def _linking(link: bool | Path | str | linking.Linking) -> linking.Linking | None:  # noqa: FBT001 - as load has it
    if isinstance(link, linking.Linking):
        return link
    if isinstance(link, bool):
        return linking.step() if link and shipped.is_there() else None
    return linking.step(index=link)


def folders(model: Path | str | Sequence[Path | str]) -> list[Path]:
    """The folders of one or several models; see :func:`folder`."""
    return [folder(one) for one in ([model] if isinstance(model, (Path, str)) else model)]


def folder(model: Path | str) -> Path:
    """The folder of a model: the embedded one by its name, any other by its path.

    Raises:
        ModelError: there is none.
    """
    if str(model) == EMBEDDED:
        return Path(str(resources.files("biogloss").joinpath("data", EMBEDDED)))
    if not Path(model).is_dir():
        msg = f"{model}: no such model folder; the embedded model is called {EMBEDDED}"
        raise ModelError(msg)
    return Path(model)


class Gloss:
    """Steps, ready to use. Safe to call from several threads."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)

    def __call__(self, text: str | Document) -> Document:
        """Annotate one text.

        Raises:
            Exception: whatever a step raised; use :meth:`pipe` to get failures as values.
        """
        document = text if isinstance(text, Document) else Document("text", text)
        for step in self.steps:
            document = step(document)
        return document

    def pipe(self, documents: Iterable[str | Document | Failure], *, workers: int = 1) -> Iterator[Document | Failure]:
        """Annotate a stream, in order, in constant memory; a document that fails is a ``Failure`` in its place."""
        wrapped = (
            Document(str(number), document) if isinstance(document, str) else document
            for number, document in enumerate(documents, 1)
        )
        return run(wrapped, self.steps, workers=workers)
