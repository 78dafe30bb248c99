"""A service whose model says what was written down for a text by hand, relations among it."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn

from biogloss.apps.rest import factory
from biogloss.apps.rest.annotators import Annotator, Annotators
from biogloss.apps.rest.batches import Batches
from biogloss.apps.rest.meters import Meters
from biogloss.apps.rest.service import Service
from biogloss.apps.rest.settings import Limits, Settings
from biogloss.apps.web import views
from biogloss.documents import Link, Relation, Span, entity_at, numbered
from biogloss.models.folder import Head

HEADS = (Head(name="r", task="relations", labels=("causes", "treats")),)
NAMES = {
    "methotrexate": ("Chemical", "MESH:D008727"),
    "folic acid": ("Chemical", "MESH:D005492"),
    "prednisolone": ("Chemical", "MESH:D011239"),
    "rheumatoid arthritis": ("Disease", "MESH:D001172"),
    "neutropenia": ("Disease", "MESH:D009503"),
    "nausea": ("Disease", "MESH:D009325"),
    "stomatitis": ("Disease", "MESH:D013280"),
    "IL6": ("Gene", "NCBIGene:3569"),
}
SAYS = (
    ("treats", "methotrexate", "rheumatoid arthritis"),
    ("causes", "methotrexate", "neutropenia"),
    ("causes", "methotrexate", "nausea"),
    ("prevents", "folic acid", "stomatitis"),
    ("lowers", "methotrexate", "IL6"),
)
TEXT = (
    "Low-dose methotrexate in rheumatoid arthritis.\n\n"
    "Forty patients with rheumatoid arthritis, none of whom had taken prednisolone, were given methotrexate once a "
    "week for half a year. It lowered IL6. Of those on methotrexate two developed neutropenia and one had nausea, and "
    "folic acid reduced stomatitis."
)


def said(document):
    """The names in a text, and between those that both stand in it, what is said of them."""
    text = document.text.lower()
    places = [(name, at) for name in NAMES for at in range(len(text)) if text.startswith(name.lower(), at)]
    found = [
        entity_at(document.text, Span(at, at + len(name)), NAMES[name][0], links=(Link(NAMES[name][1]),), source="hand")
        for name, at in places
    ]
    there = {name for name, _ in places}
    relations = tuple(
        Relation(f"R{number}", label, (("subject", NAMES[one][1]), ("object", NAMES[other][1])), source="hand")
        for number, (label, one, other) in enumerate(SAYS, 1)
        if {one, other} <= there
    )
    return replace(document, entities=numbered(found), relations=relations)


@contextmanager
def serving(says=said, heads=HEADS):
    """The address of a service; it is stopped in the end."""
    meters = Meters()
    batches = Batches("m", lambda some: list(map(says, some)), size=lambda _: 1, limits=Limits())
    annotators = Annotators([Annotator("by-hand-1", Path(), "en", heads, batches, meters)])
    app = views.add(factory.create(Service(Settings(workers=1), meters, annotators)))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
        assert thread.is_alive()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(60)
