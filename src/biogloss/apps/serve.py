"""``biogloss serve``: everything over HTTP, or as tools of a language model; and ``biogloss keys``: who may ask.

biogloss serve --graph my.graph --state jobs/
biogloss serve --graph my.graph --mcp
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biogloss.apps import annotating, link, views
from biogloss.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from biogloss.apps.rest.settings import Settings

app = typer.Typer()
keys_app = typer.Typer(no_args_is_help=True, help="Make and take back the API keys of a service.")

KeyFile = Annotated[Path, typer.Option("--keys", "-k", help="The file of keys; it holds only their hashes.")]
WithoutKeys = Annotated[bool, typer.Option("--without-keys", help="Let anybody ask who reaches the address.")]
Wait = Annotated[float, typer.Option(min=0, help="Seconds a request may wait; beyond them the answer is 429.")]
Tools = Annotated[bool, typer.Option("--mcp", help="Be tools of a language model, over standard input and output.")]
KEYS = Path("keys.json")
OF_HTTP = (
    *("embeddings", "state", "host", "port", "keys", "without_keys", "per_minute", "name", "origin"),
    *("tls_certificate", "tls_key"),
)
"""Options that mean nothing to a process that is spoken to by standard input and output."""


@app.command(epilog="Example: biogloss serve --graph my.graph --state jobs/")
def serve(
    context: typer.Context,
    model: Annotated[
        list[str], typer.Option("--model", "-m", help="A model folder, or biogloss-en; repeated, a request names one.")
    ] = ["biogloss-en"],  # noqa: B006 - read only
    linked: Annotated[bool, typer.Option("--link/--no-link", help="Give entities identifiers.")] = True,
    index: link.Index = "",
    relations: annotating.Relations = False,
    graph: Annotated[Path | None, typer.Option("--graph", "-g", help="A graph to be asked.")] = None,
    embeddings: Annotated[str, typer.Option(help="A model folder whose encoder makes vectors, or biogloss-en.")] = "",
    state: Annotated[Path | None, typer.Option(help="A folder to keep jobs in; without it there are none.")] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for any that is free.")] = 8000,
    keys: Annotated[Path | None, typer.Option(help="A file of API keys; with it, each request needs one.")] = None,
    without_keys: WithoutKeys = False,
    per_minute: Annotated[int, typer.Option(min=0, help="Requests of a key in a minute; 0 sets no limit.")] = 600,
    name: Annotated[list[str] | None, typer.Option(help="A name the service is reached under, by a proxy.")] = None,
    origin: Annotated[list[str] | None, typer.Option(help="Pages that may ask, as https://lab.example.")] = None,
    tls_certificate: Annotated[Path | None, typer.Option(help="PEM file.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Threads that compute.")] = 2,
    batch: Annotated[int, typer.Option(min=1, help="Documents at most that are annotated together.")] = 64,
    wait: Wait = 1.5,
    mcp: Tools = False,
) -> None:
    """Answer requests over HTTP until told to stop; what it can do is described at /openapi.json.

    The tools of the Model Context Protocol are at /mcp too, where the extra `mcp` is installed.
    """
    from biogloss.apps.rest.settings import Access, Limits, Settings

    if mcp:
        _refuse_http(context)
    access = Access(
        host, port, keys, without_keys, tuple(name or ()), tuple(origin or ()), tls_certificate, tls_key
    )  # fmt: skip
    limits = Limits(batch_documents=batch, waiting_seconds=wait, per_minute=per_minute)
    settings = Settings(tuple(model), linked, relations, index, graph, embeddings, state, workers, limits, access)
    _serve(settings, is_mcp=mcp)


def _serve(settings: Settings, *, is_mcp: bool) -> None:
    try:
        from biogloss.apps.rest import server

        server.log_to_stderr()
        if is_mcp:
            from biogloss.apps.mcp import stdio
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "fastapi", "mcp" if is_mcp else "serve", "biogloss serve") from error
    if is_mcp:
        stdio.serve(settings)
    else:
        server.serve(settings, views.say)


def _refuse_http(context: typer.Context) -> None:
    """Refuse options that would be without effect."""
    given = [name for name in OF_HTTP if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"]
    if given:
        options = ", ".join("--" + name.replace("_", "-") for name in given)
        raise ConfigError(f"{options}: of the service over HTTP; leave it out with --mcp")


@keys_app.command(epilog="Example: biogloss keys add 'ward 7' --scopes annotate,link --expires 2027-01-31")
def add(
    name: Annotated[str, typer.Argument(help="Whose it is.")],
    file: KeyFile = KEYS,
    scopes: Annotated[str, typer.Option(help="What it is for, with commas between; left out, everything.")] = "",
    expires: Annotated[str, typer.Option(help="The day from which on it does not hold, as 2027-01-31.")] = "",
    per_minute: Annotated[int, typer.Option(min=0, help="Requests in a minute; 0 is what the service says.")] = 0,
) -> None:
    """Make a key, and print it this once; servers that run know it at once."""
    from biogloss.apps.rest import keys

    wanted = views.listed(scopes) if scopes else keys.SCOPES
    views.say(keys.add(file, name, wanted, expires=expires, per_minute=per_minute))


@keys_app.command("list", epilog="Example: biogloss keys list")
def show(file: KeyFile = KEYS) -> None:
    """List the keys: id, name, scopes, days; not the keys themselves, which nobody keeps."""
    from biogloss.apps.rest import keys

    for key in keys.read(file):
        until = f", until {key.expires}{' (over)' if key.is_expired else ''}" if key.expires else ""
        views.say(f"{key.id}  {key.name}  {','.join(key.scopes)}  since {key.created}{until}")


@keys_app.command(epilog="Example: biogloss keys remove 3f9a01c2")
def remove(
    identifier: Annotated[str, typer.Argument(help="As `biogloss keys list` shows it.")], file: KeyFile = KEYS
) -> None:
    """Take a key back; servers that run refuse it at once."""
    from biogloss.apps.rest import keys

    keys.remove(file, identifier)
