"""``python -m biogloss``: the command line."""

from biogloss.apps.cli import main

main()
