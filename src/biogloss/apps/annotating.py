"""``biogloss annotate``, once its options are read: into a file, into shards, or from a stream."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biogloss.apps import link, views
from biogloss.errors import ConfigError, TooManyFailures

if TYPE_CHECKING:
    from biogloss.pipeline.asked import Asked
    from biogloss.pipeline.bulk import Scale
    from biogloss.pipeline.files import Job, Summary
    from biogloss.pipeline.streams import Status

Inputs = Annotated[
    list[str] | None, typer.Argument(help="Files, folders, or - for standard input.", show_default=False)
]
Out = Annotated[
    str, typer.Option("-o", "--output", help="Output file; a folder (a / at the end) for shards; - is standard output.")
]
Workers = Annotated[int, typer.Option(min=1, help="Threads; processes where the output is shards.")]
Engine = Annotated[str, typer.Option(help="Who makes shards: local (processes) or ray.", show_default="local")]
Address = Annotated[str, typer.Option("--ray-address", help="A Ray cluster; left out, Ray starts on this machine.")]
ShardDocuments = Annotated[int, typer.Option(min=1, help="Documents of each shard.")]
MaxFailures = Annotated[
    int | None, typer.Option(min=0, help="Stop when more documents failed.", show_default="no limit")
]
Relations = Annotated[
    bool, typer.Option("--relations", help="Also relations that the model says on request only, with their errors.")
]
PASSWORD = "BIOGLOSS_REDIS_PASSWORD"  # noqa: S105 - the name of the variable
"""Where the password of a stream's server may stand: addresses are seen in the list of processes."""
StreamUrl = Annotated[
    str, typer.Option("--stream", help="Annotate what arrives: redis://HOST:6379/0?in=notes&out=annotated.")
]


def annotate(job: Job, asked: Asked, scale: Scale) -> Summary:
    """Into one file, or into the shards of a folder where the output is one or an engine is named.

    Raises:
        BioglossError: what ``files.annotate_with`` and ``bulk.annotate_shards`` raise, and ConfigError without inputs.
    """
    from biogloss.pipeline import bulk, files

    if not job.inputs:
        raise ConfigError("nothing to annotate; name files, folders, or - for standard input")
    _refuse_nothing_to_relate(job, asked)
    if asked.link:
        link.announce(asked.index)
    with views.progress() as seen:
        if scale.engine or _is_folder_of_shards(job):
            return bulk.annotate_shards(job, asked, scale, seen)
        return files.annotate_with(job, asked, seen)


def _refuse_nothing_to_relate(job: Job, asked: Asked) -> None:
    """A model of relations alone needs documents with mentions, and that these are kept."""
    from biogloss.models import folder
    from biogloss.pipeline import gloss

    heads = [head for one in gloss.folders(asked.models) for head in folder.settings(one).heads]
    found = {head.task for head in heads if asked.relations or not head.on_request}
    if "relations" in found and "ner" not in found and not (job.keep or asked.terms):
        raise ConfigError(
            f"{' + '.join(asked.models)} relates mentions and finds none itself; give it annotated documents and --keep"
        )


def _is_folder_of_shards(job: Job) -> bool:
    from biogloss import formats, plugins

    if hasattr(plugins.load(formats, job.write_as), "write_folder"):
        return False
    return str(job.output).endswith(("/", os.sep)) or Path(job.output).is_dir()


def follow(url: str, job: Job, asked: Asked) -> Summary:
    """What arrives in a stream, until the process is asked to end; the batch at work is finished first.

    Raises:
        ConfigError: files are named beside the stream, or its address is none.
        TooManyFailures: more dead letters than the job allows.
        BioglossError: what ``streams.follow`` raises.
    """
    from biogloss.pipeline import files, streams

    if job.inputs or str(job.output) != "-" or job.write_as != "jsonl":
        raise ConfigError(
            "a stream is read and written where its address says, in jsonl; leave files, -o and --to away"
        )
    stream = streams.Stream.parse(url, os.environ.get(PASSWORD, ""))
    if asked.link:
        link.announce(asked.index)
    asked_to_end: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: asked_to_end.append(received))
    shown = views.counting()

    def seen(status: Status) -> None:
        shown(status.documents + status.dead, f"{status.dead:,} dead, lag {status.lag:,}, open {status.open:,}")
        if job.max_failures is not None and status.dead > job.max_failures:
            what = f"{status.dead:,} dead letters, more than --max-failures {job.max_failures:,} allows"
            raise TooManyFailures(f"{what}; they are in the stream {stream.dead}, each with its reason")

    steps = [*([] if job.keep else [files.bare]), *asked.load(job.workers, keep=job.keep)]
    end = streams.follow(stream, steps, workers=job.workers, goes_on=lambda: not asked_to_end, seen=seen)
    return files.Summary(end.documents, (), end.dead, end.entities, {}, noted_in=f"the stream {stream.dead}")
