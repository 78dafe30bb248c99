"""Annotating what arrives: documents from a Redis stream, results into a Redis hash under the documents' ids.

    follow(Stream.parse("redis://localhost:6379/0?in=notes&out=annotated"), steps)

    XADD notes * id 7 text "Gout is painful."     what a producer does
    HGET annotated 7                              {"biogloss":1,"id":"7","text":"Gout is painful.","entities":[...]}

Writing a result and taking its entry off the list of what is open are one transaction, so whatever is killed or
restarted, an entry is either open or its result is there. ``address`` says where, ``loop`` does it.
"""

from biogloss.pipeline.streams.address import Stream
from biogloss.pipeline.streams.loop import Status, follow

__all__ = ["Status", "Stream", "follow"]
