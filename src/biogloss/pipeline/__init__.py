"""Documents in, annotated documents out: ``run`` applies steps, ``annotate_file`` does so from file to file.

A step is a function from document to document; a step that gains from company also has ``many(documents)``.
"""
