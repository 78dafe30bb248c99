"""The life of every shipped model, in order, as TOML."""
