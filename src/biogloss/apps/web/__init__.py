"""The web page of a service: views for people, on top of what the REST service holds.

``frame`` is what every view stands in, ``words`` its languages, ``assets`` its styles and scripts; ``views`` has one
file a view. A page itself holds no data and is open to anybody; what it asks for goes through the same keys and scopes
as the routes under ``/v1``.
"""
