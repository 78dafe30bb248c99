"""Edges: parse, call one library function, render."""
