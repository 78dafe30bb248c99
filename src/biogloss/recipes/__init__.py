"""The life of every shipped model, in order, as TOML: ``corpus-*`` for `preparation`, ``ner-*`` for `training`."""
