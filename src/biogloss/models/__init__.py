"""Encoders, tokenizers and model folders. Only the training half (``encoder``) imports torch."""
