"""An evaluation as one page: scores with their intervals, figures, and the worst mistakes in context.

    page(evaluation)        "<!DOCTYPE html>..."

The page stands alone: no script, nothing fetched; its Content-Security-Policy lets only its own style apply. What it
shows of documents is escaped, and hidden control characters are shown by their names.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from biogloss.evaluation import calibration, classes, figures, mistakes
from biogloss.evaluation._documents import pairs
from biogloss.evaluation.bootstrap import Name
from biogloss.evaluation.figures import Curve
from biogloss.evaluation.overall import ANSWERS, CLASSES, ENTITIES, NUMBERS, RELATIONS, has_probabilities
from biogloss.evaluation.ranking import precision_recall_curve, roc_curve
from biogloss.evaluation.tables import VERDICT, WORDS, Table, of, of_training, summary, told
from biogloss.markup import head, safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from biogloss.evaluation.classes import Classified
    from biogloss.evaluation.mistakes import Mistake
    from biogloss.evaluation.overall import Evaluation, Scored

TEMPERATURE_ITEMS = 50
"""Fewer say little about a temperature."""


def page(evaluation: Evaluation) -> str:
    """The report as HTML."""
    body = "\n".join(_body(evaluation))
    return f"""{head(f"Evaluation of {evaluation.names['predicted']}", style())}\
<main>
{body}
</main>
</body>
</html>
"""


def _body(evaluation: Evaluation) -> Iterator[str]:
    names = evaluation.names
    yield f"<h1>Evaluation of <code>{safe(names['predicted'])}</code></h1>"
    other = f", and against <code>{safe(names['against'])}</code>" if evaluation.compared else ""
    yield f"<p>On {len(evaluation.gold):,} documents of <code>{safe(names['gold'])}</code>{other}.</p>"
    yield from (f'<p class="quiet">Note: {safe(note)}.</p>' for note in evaluation.notes)
    yield html_table(summary(evaluation))
    yield f'<p class="quiet">{_HOW}</p>'
    every = told(evaluation)
    for kind in dict.fromkeys(one.kind for one in evaluation.scored):
        yield f"<h2>{kind.capitalize()}</h2>"
        for one in (one for one in evaluation.scored if one.kind == kind):
            yield from map(html_table, of(evaluation, one, every))
            if one.classified is not None:
                yield from _figures(kind.replace(" ", "-"), one.classified, one)
        if kind != NUMBERS:
            yield _mistakes(kind, evaluation)
    if training := [html_table(table) for table in of_training(every)]:
        yield "\n".join(["<h2>What training has shown</h2>", *training])


_HOW = (
    "The interval of 95 % is that of the bootstrap over documents: what the score would be on others like these. "
    "Where the interval of a difference covers zero, there is no measurable difference."
)


# --- tables


def html_table(table: Table) -> str:
    """A table as HTML."""
    is_words = [name in WORDS for name in table.header]
    head = "".join(
        f'<th scope="col"{_class("w" if words else "")}>{safe(name)}</th>'
        for name, words in zip(table.header, is_words, strict=True)
    )
    body = "\n".join(_row(row, table.header, is_words) for row in table.rows)
    return (
        f'<div class="wide"><table>\n<caption>{safe(table.title)}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _row(row: Sequence[str], header: Sequence[str], is_words: Sequence[bool]) -> str:
    cells = []
    for place, (cell, name, words) in enumerate(zip(row, header, is_words, strict=True)):
        names = f"w verdict {cell if cell in ('better', 'worse') else ''}" if name == VERDICT else "w" if words else ""
        tag = 'th scope="row"' if place == 0 else "td"
        cells.append(f"<{tag}{_class(names.strip())}>{safe(cell)}</{tag[:2]}>")
    return f"<tr>{''.join(cells)}</tr>"


def _class(names: str) -> str:
    return f' class="{names}"' if names else ""


# --- figures


def _figures(name: str, found: Classified, scored: Scored) -> Iterator[str]:
    if found.is_single:
        yield html_figure(
            "Which class was taken for which: gold in rows, predicted in columns",
            figures.confusion(f"{name}-confusion", classes.confusion(found)),
        )
    yield from _curves(name, found, scored)
    if has_probabilities(found):
        yield from _reliability(name, found)


def _curves(name: str, found: Classified, scored: Scored) -> Iterator[str]:
    """ROC and precision-recall curves of the classes with most items."""
    known = [place for place in np.argsort(-found.gold.sum(axis=0), kind="stable").tolist() if _has_curve(found, place)]
    if not known or found.scores is None:
        return
    drawn = known[: figures.MOST_CURVES]
    scores = found.scores
    kinds = (
        ("roc_auc", roc_curve, "ROC curves", ("false positive rate", "true positive rate")),
        ("average_precision", precision_recall_curve, "Precision-recall curves", ("recall", "precision")),
    )
    made = []
    for metric, curve, title, axes in kinds:
        lines = [
            Curve(label, *curve(found.gold[:, place], scores[:, place]), scored.estimates[Name(label, metric)].value)
            for place, label in ((place, found.classes[place]) for place in drawn)
        ]
        some = f", {len(drawn)} most frequent of {len(known)} classes" if len(drawn) < len(known) else ""
        words = f"{title}, each class against the rest, with areas{some}"
        made.append(html_figure(words, figures.curves(f"{name}-{metric}", words, lines, axes=axes)))
    yield '<div class="figures">' + "\n".join(made) + "</div>"


def _has_curve(found: Classified, place: int) -> bool:
    """Whether there are scores, and items of the class and others."""
    own = found.gold[:, place]
    has_scores = found.scores is not None and not np.isnan(found.scores[:, place]).any()
    return bool(own.any() and not own.all() and has_scores)


def _reliability(name: str, found: Classified) -> Iterator[str]:
    confidence, right, scores = calibration.chosen(found)
    bins = calibration.reliability(confidence, right)
    yield html_figure("Is it right as often as it is sure?", figures.reliability(f"{name}-reliability", bins))
    cells = [
        (f"{one.low:.1f}-{one.high:.1f}", f"{one.items:,}", f"{100 * one.confidence:.1f}", f"{100 * one.accuracy:.1f}")
        for one in bins
    ]
    header = ("confidence", "items", "mean confidence", "accuracy")
    yield html_table(Table("reliability, in bins of equal width, in percent", header, tuple(cells)))
    if len(found.gold) >= TEMPERATURE_ITEMS:
        best = calibration.temperature(scores, found.gold.argmax(axis=1))
        sure = "too sure" if best > 1 else "not sure enough"
        yield (
            f'<p class="quiet">The temperature that suits these documents best is {best:.2f}: the system is {sure}. '
            "To correct it, fit one on documents that are not scored.</p>"
        )


def html_figure(caption: str, svg: str) -> str:
    """A figure below its caption."""
    return f'<figure><figcaption>{safe(caption)}</figcaption><div class="wide">{svg}</div></figure>'


# --- mistakes


def _mistakes(kind: str, evaluation: Evaluation) -> str:
    kept, counts = mistakes.worst(_found(kind, evaluation))
    if not kept:
        return "<p>No mistake.</p>"
    header = "".join(f'<th scope="col"{_class(names)}>{name}</th>' for name, names in _MISTAKE_COLUMNS)
    body = "\n".join(_mistake(one) for one in kept)
    total = ", ".join(f"{counts[name]:,} {name}" for name in mistakes.KINDS if counts[name])
    order = ", the most confident first" if any(one.score is not None for one in kept) else ""
    return (
        f'<div class="wide"><table class="mistakes">\n<caption>Worst mistakes: {total}; at most twenty of each'
        f"{order}</caption>\n<thead><tr>{header}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


_MISTAKE_COLUMNS = (
    *(("mistake", "w"), ("gold", "w"), ("predicted", "w"), ("score", "")),
    *(("document", "w"), ("in context", "w")),
)


def _found(kind: str, evaluation: Evaluation) -> Iterator[Mistake]:
    both = pairs(evaluation.gold, evaluation.predicted)
    scored = [one for one in evaluation.scored if one.kind == kind]
    if kind == ENTITIES:
        return mistakes.of_entities(both, set(scored[0].items))
    if kind == RELATIONS:
        level, symmetric = scored[0].rule.removesuffix(" level"), evaluation.choices.symmetric
        return mistakes.of_relations(both, level=level, symmetric=symmetric)
    return {CLASSES: mistakes.of_classes, ANSWERS: mistakes.of_answers}.get(kind, mistakes.of_roles)(both)


def _mistake(one: Mistake) -> str:
    score = "" if one.score is None else f"{one.score:.3f}"
    words = f"{safe(one.before)}<mark>{safe(one.words)}</mark>{safe(one.after)}" if one.words else ""
    return (
        f'<tr><th scope="row" class="w">{one.kind}</th><td class="w">{safe(one.gold)}</td>'
        f'<td class="w">{safe(one.predicted)}</td><td>{score}</td><td class="w">{safe(one.document)}</td>'
        f'<td class="context" dir="auto">{words}</td></tr>'
    )


@cache
def style() -> str:
    """That of a page with tables and figures."""
    # Universal newlines: the digest is of what a browser sees, which has \n however the file was checked out.
    return files(__package__).joinpath("_report.css").read_text(encoding="utf-8")
