"""Many files to a folder of shards: each document once, in order, resumable after any kill, on one machine or many.

    annotate_shards(Job(("pubmed/",), "out", workers=8), Asked(), Scale())     Summary(documents=38_000_000, ...)

    out/part-00000-00000.jsonl     documents 0 to 999 of the first input
    out/part-00000-00001.jsonl     the next thousand
    out/_run/manifest.json         what was asked, what was read, every shard with its counts and checksum
    out/_run/failures.jsonl        documents that failed, each with its input and the reason

Names of shards sort in the order of the input. ``plan`` says what is to be done, ``shards`` does one part of it,
``ledger`` knows what is done; ``processes`` and ``cluster`` are the two engines, ``worker`` a process of the first.
"""

from biogloss.pipeline.asked import Asked
from biogloss.pipeline.bulk.plan import Scale
from biogloss.pipeline.bulk.run import annotate_shards

__all__ = ["Asked", "Scale", "annotate_shards"]
