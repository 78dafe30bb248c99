"""Folders of weights, one a model; `biogloss` finds them here by their names."""
