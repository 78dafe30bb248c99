"""From any text to what a language model learns from: cleaned, without repeats and leaks, in pieces, in shards."""
