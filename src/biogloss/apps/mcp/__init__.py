"""Biogloss as tools for language models: the Model Context Protocol, over standard input and output or over HTTP.

The tools ask the same service as the routes of :mod:`biogloss.apps.rest`. ``catalogue.py`` says which there are,
``answers.py`` what they are asked and answer, ``bounds.py`` keeps answers short, ``server.py`` speaks the protocol,
``stdio.py`` is the process that a client starts, and ``rest/routes/mcp.py`` is the same over HTTP.
"""
