"""Groups of commands that are commands too: ``biogloss models FOLDER`` is ``biogloss models show FOLDER``."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class ShowUnlessNamed(TyperGroup):
    """Where no command of the group is named, it is ``show``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's, or typer's own copy
        named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["show", *args])
