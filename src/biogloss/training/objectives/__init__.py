"""One file a pre-training objective: blocks of pieces to inputs with targets, a head, and its loss.

An objective has no inverse as a task has: its contract is on shapes and on its loss before anything is learned.
"""
