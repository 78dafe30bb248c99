"""The program, run in the process of the tests."""

import sys

import pytest

from biogloss.apps import cli


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the program in this process; gives (exit code, standard output, standard error)."""

    def _run(*arguments):
        monkeypatch.setattr(sys, "argv", ["biogloss", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return _run
