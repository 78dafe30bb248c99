"""A graph of statements that point back to the sentence: built from annotated documents and curated layers."""
