"""A text that would take a page over, if anything of it ran."""

TAKE = "document.title='taken'"
HOSTILE = f"Gout</textarea><script>{TAKE}</script><img src=x onerror={TAKE}>\u202e\u0000 hurts."
