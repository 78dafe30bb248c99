"""Biogloss as a service: the same functions as the commands, over HTTP, for many callers at once.

app = factory.create(service.load(Settings()))      # an ASGI application; a web page or other tools are mounted on it

``settings.py`` says what a service may be told, ``service.py`` holds what it has loaded, ``batches.py`` shares work
among requests and says no in time, ``guard.py`` stands before every route, ``keys.py`` knows who may ask, ``media.py``
turns bodies into documents and back, ``jobs/`` does what takes long, ``routes/`` has one file a resource.
"""
