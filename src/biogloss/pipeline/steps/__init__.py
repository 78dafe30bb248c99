"""One file a step: ``step(**options)`` makes a function from document to document. The folder is the registry.

A step leaves the text as it is and keeps the annotations that are there, unless replacing them is what it is for
(``entities`` puts a model's entities in place of the document's own; ``dictionary`` lets the user's terms win).
"""
