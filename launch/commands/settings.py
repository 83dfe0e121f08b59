"""`soprano settings`."""

import typer
from typer.core import TyperGroup

from launch.settings_table import markdown, settings_of


def settings(context: typer.Context) -> None:
    """Print every setting with its default and its effect, in Markdown: the tables of docs/settings.md."""
    group = context.find_root().command
    if isinstance(group, TyperGroup):
        typer.echo(markdown(settings_of(group)))
