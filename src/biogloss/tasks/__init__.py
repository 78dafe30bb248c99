"""One file a task: document to model inputs and back.

A task module defines ``examples(document) -> inputs with gold targets``, ``head(width)``, ``loss(outputs, batch)``,
``annotate(document, outputs) -> document`` (the inverse of examples) and ``score(gold, predicted)``.
"""
