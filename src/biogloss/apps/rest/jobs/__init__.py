"""What takes longer than a request: documents are kept, annotated as there is room, and fetched when they are ready.

``store.py`` keeps jobs and results in SQLite, ``runner.py`` does them. What was accepted survives the end of the
process, however it comes, and no document has two results.
"""

from biogloss.apps.rest.jobs.runner import Jobs

__all__ = ["Jobs"]
