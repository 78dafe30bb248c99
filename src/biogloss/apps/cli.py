"""The command line: every command parses, calls one library function and shows what came of it.

biogloss annotate pubmed21n1298.xml.gz --to pubtator -o out.pubtator
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biogloss import __version__
from biogloss.apps import (
    annotating,
    corpora,
    encoders,
    evaluation,
    explanation,
    graph,
    link,
    models,
    recipes,
    serve,
    terms,
    views,
    vocabulary,
)
from biogloss.errors import BioglossError

if TYPE_CHECKING:
    from biogloss.pipeline.files import Summary

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Biomedical text mining, offline: entities with exact offsets, models you can train, honest scores.",
)

app.add_typer(corpora.app, name="corpora")
app.add_typer(models.app, name="models")
app.add_typer(recipes.app, name="recipes")
app.add_typer(vocabulary.app, name="vocabulary")
app.add_typer(terms.app, name="terms")
app.add_typer(link.app)
app.add_typer(graph.app, name="graph")
app.add_typer(encoders.app)
app.add_typer(evaluation.app)
app.add_typer(explanation.app)
app.add_typer(serve.app)
app.add_typer(serve.keys_app, name="keys")

Inputs = Annotated[list[str], typer.Argument(help="Files, folders, or - for standard input.", show_default=False)]
Out = Annotated[str, typer.Option("-o", "--output", help="Output file or folder; - is standard output.")]
From = Annotated[str, typer.Option("--from", help="Input format; auto looks at the content.")]
To = Annotated[str, typer.Option("--to", help="Output format; left out, by the output's ending, else jsonl.")]
Encoding = Annotated[str, typer.Option(help="Encoding of text inputs, for example latin-1 or gb18030.")]
Models = Annotated[
    list[str], typer.Option("--model", "-m", help="A model folder, or biogloss-en; repeated, all are asked together.")
]
Types = Annotated[str, typer.Option(help="Only these entity types, with commas between.")]
Force = Annotated[bool, typer.Option("--force", help="Write over what is there.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")]
Column = Annotated[str, typer.Option(help="Name of that column in a table, where it is another.")]
Notes = Annotated[bool, typer.Option("--notes", help="List what has no place in the output, with counts.")]
Probe = Annotated[str, typer.Option("--probe", help="none, quick (10 minutes) or full (hours).")]
FAILED = 3


@app.command(epilog="Example: biogloss annotate papers/ -o entities.csv --types Chemical,Disease")
def annotate(
    inputs: annotating.Inputs = None,
    output: annotating.Out = "-",
    read_as: From = "auto",
    to: To = "",
    model: Models = ["biogloss-en"],  # noqa: B006 - read only
    types: Types = "",
    threshold: Annotated[float | None, typer.Option(min=0, max=1, help="Least score of an entity.")] = None,
    terms: Annotated[Path | None, typer.Option(help="Your own terms (CSV or TSV); they win over the model.")] = None,
    rules: Annotated[Path | None, typer.Option(help="Your own headings and cues of negation ... (TOML).")] = None,
    linked: Annotated[bool, typer.Option("--link/--no-link", help="Give entities identifiers.")] = True,
    index: link.Index = "",
    ids: link.Namespaces = "",
    species: link.Species = "",
    relations: annotating.Relations = False,
    workers: annotating.Workers = 2,
    engine: annotating.Engine = "",
    ray_address: annotating.Address = "",
    shard_documents: annotating.ShardDocuments = 1000,
    max_failures: annotating.MaxFailures = None,
    stream: annotating.StreamUrl = "",
    encoding: Encoding = "utf-8",
    id_column: Column = "",
    text_column: Column = "",
    keep: Annotated[bool, typer.Option("--keep", help="Keep the annotations that the input carries.")] = False,
    resume: Resume = False,
    force: Force = False,
    notes: Notes = False,
) -> None:
    """Find entities in papers, notes or any text, and write them with their exact offsets and identifiers."""
    from biogloss.pipeline import bulk, files

    columns = views.given(id_column=id_column, text_column=text_column)
    read = (tuple(inputs or ()), output, read_as, _written_as(to, output), encoding, columns)
    job = files.Job(*read, keep, resume, force, workers, max_failures)
    own = str(terms or ""), str(rules or "")
    listed = [views.listed(names) for names in (types, ids, species)]
    asked = bulk.Asked(tuple(model), listed[0], threshold, *own, linked, index, listed[1], listed[2], relations)
    scale = bulk.Scale(engine, ray_address, shard_documents)
    summary = annotating.follow(stream, job, asked) if stream else annotating.annotate(job, asked, scale)
    _told(summary, output, notes=notes)


@app.command(epilog="Example: biogloss convert corpus.PubTator --to bioc-json -o corpus.json")
def convert(
    inputs: Inputs,
    output: Out = "-",
    read_as: From = "auto",
    to: To = "",
    encoding: Encoding = "utf-8",
    id_column: Column = "",
    text_column: Column = "",
    label_column: Annotated[str, typer.Option(help="The column of a table that has the class of each text.")] = "",
    label_separator: Annotated[str, typer.Option(help="What stands between classes in one cell of a CSV or TSV.")] = "",
    force: Force = False,
    notes: Notes = False,
) -> None:
    """Turn annotated documents of one format into another; what the other cannot hold is refused by name."""
    from biogloss.pipeline import files

    classes = views.given(label_column=label_column, label_separator=label_separator)
    columns = views.given(id_column=id_column, text_column=text_column) | classes
    read = (tuple(inputs), output, read_as, _written_as(to, output), encoding, columns)
    job = files.Job(*read, keep=True, force=force)
    with views.progress() as seen:
        summary = files.annotate_files(job, [], seen)
    _told(summary, output, notes=notes)


@app.command(epilog="Example: biogloss finetune ner-bc5cdr --run runs/ner-bc5cdr --encoder minilm.whl")
def finetune(
    recipe: Annotated[str, typer.Argument(help="A recipe file (TOML), or the name of a shipped one.")],
    run: Annotated[Path, typer.Option(help="Folder of the run; where it holds one, the run goes on.")],
    encoder: views.Encoder = "",
    changes: views.Set = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads; 1 where other work runs.")] = 1,
) -> None:
    """Train a model by a recipe; interrupted, the same command goes on where it stopped."""
    from biogloss.training import start

    model = start.finetune(recipe, run, changes=views.changes(changes, encoder), threads=threads)
    views.say(f"model: {model}")


@app.command(epilog="Example: biogloss tune my-recipe.toml --run runs/search --trials 30 --jobs 2")
def tune(
    recipe: Annotated[str, typer.Argument(help="A recipe file (TOML), or the name of a shipped one.")],
    run: Annotated[Path, typer.Option(help="Folder of the search; where it holds one, the search goes on.")],
    search: Annotated[Path | None, typer.Option(help="A TOML file: fields, and their ranges or choices.")] = None,
    trials: Annotated[int, typer.Option(min=1, help="Trials in all.")] = 20,
    minutes: Annotated[float, typer.Option(min=0, help="No trial begins after so many; 0 sets no limit.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each process.")] = 1,
    encoder: views.Encoder = "",
    changes: views.Set = None,
) -> None:
    """Search for a better recipe on development data; interrupted, the same command goes on."""
    from biogloss.training import start
    from biogloss.training.search import Budget

    budget = Budget(trials=trials, minutes=minutes, jobs=jobs, threads=threads)
    own = views.changes(changes, encoder)
    views.trials(start.tune(recipe, run, space=search, changes=own, budget=budget, seen=views.trial))


@app.command(epilog="Example: biogloss pretrain my-recipe.toml --run runs/my-encoder")
def pretrain(
    recipe: Annotated[str, typer.Argument(help="A recipe file (TOML), or the name of a shipped one.")],
    run: Annotated[Path, typer.Option(help="Folder of the run; where it holds one, the run goes on.")],
    changes: views.Set = None,
    probe: Probe = "quick",
    threads: Annotated[int, typer.Option(min=1, help="Threads of each process.")] = 1,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write the losses to RUN/tensorboard too.")
    ] = False,
) -> None:
    """Pre-train an encoder on a corpus, and say whether it helped; interrupted, the same command goes on."""
    from biogloss.training import start

    own = views.changes(changes)
    encoder, findings = start.pretrain(recipe, run, changes=own, probe=probe, threads=threads, tensorboard=tensorboard)
    if findings is not None:
        views.findings(findings)
    views.say(f"encoder: {encoder}")


@app.command(epilog="Example: biogloss probe runs/mine/base runs/mine/encoder --corpus corpus-en -o runs/mine/probe")
def probe(
    before: Annotated[Path, typer.Argument(help="An encoder with a head over its vocabulary.")],
    after: Annotated[Path, typer.Argument(help="Another one.")],
    corpus: Annotated[Path, typer.Option(help="A corpus with documents held out.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the fine-tuning runs and probe.json.")],
    probe: Probe = "quick",
    threads: Annotated[int, typer.Option(min=1, help="Threads.")] = 1,
) -> None:
    """Compare two encoders: held-out loss, pieces per word, and what they reach when they are fine-tuned."""
    from biogloss.training import start

    views.findings(start.probe(before, after, corpus, output, probe=probe, threads=threads))


@app.command(epilog="Example: biogloss export runs/ner-bc5cdr/model my-model")
def export(
    model: Annotated[Path, typer.Argument(help="A trainable model folder.")],
    target: Annotated[Path, typer.Argument(help="The folder to write.")],
    runtime: Annotated[str, typer.Option(help="ctranslate2, or onnx for families it does not know.")] = "ctranslate2",
    precision: Annotated[str, typer.Option(help="int8 or float32.")] = "int8",
) -> None:
    """Turn a trained model into one that annotates without torch."""
    from biogloss.training import start

    views.say(f"model: {start.export(model, target, runtime=runtime, precision=precision)}")


@app.command(epilog="Example: biogloss doctor my-model")
def doctor(folder: Annotated[str, typer.Argument(help="A model folder.")] = "biogloss-en") -> None:
    """Check the installation and a model folder, and say exactly what is wrong."""
    from biogloss.pipeline import health

    problems = list(health.problems(folder))
    views.health(health.versions(), folder, problems)
    raise typer.Exit(2 if problems else 0)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        views.say(__version__)
        raise typer.Exit


def _told(summary: Summary, output: str, *, notes: bool) -> None:
    """Say how a run went, and end with a code that says whether documents failed."""
    views.summary(summary, output, notes=notes)
    raise typer.Exit(FAILED if summary.failed else 0)


def _written_as(to: str, output: str) -> str:
    """The format that was asked for, or that of the output's name."""
    from biogloss.formats import _detect

    return to or _detect.by_name(output)


def main() -> None:
    """Run; a user's mistake is a message and exit code 2, an interruption 130."""
    try:
        app()
    except BioglossError as error:
        views.complain(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        views.complain("interrupted; what is finished is kept: repeat the command with --resume")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
