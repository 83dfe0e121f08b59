"""The tables of settings in docs/settings.md, and the settings that other pages name."""

import re
from pathlib import Path

from typer.main import get_group

from launch.cli import app
from launch.settings_table import Setting, settings_of
from tests.launch.serving import soprano

ROOT = Path(__file__).parents[2]
SETTINGS_PAGE = ROOT / "docs" / "settings.md"


def every_setting() -> dict[str, Setting]:
    return {setting.name: setting for group in settings_of(get_group(app)) for setting in group.settings}


def test_the_page_of_settings_says_what_they_say_of_themselves() -> None:
    printed = soprano("settings").stdout
    assert printed.strip() in SETTINGS_PAGE.read_text(), "put what `soprano settings` prints into docs/settings.md"


def test_pages_and_examples_name_settings_that_exist() -> None:
    files = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").iterdir(), *(ROOT / "examples").iterdir()]
    named = {name for file in files if file.is_file() for name in re.findall(r"SOPRANO_[A-Z_]+\b", file.read_text())}
    of_compose = set(re.findall(r"\$\{(SOPRANO_[A-Z_]+)", (ROOT / "compose.yaml").read_text()))
    assert named - every_setting().keys() - of_compose == set()


def test_settings_of_every_part_are_there_once_with_defaults_and_effects() -> None:
    settings = every_setting()
    assert settings["SOPRANO_SLOTS"].default == "0"
    assert settings["SOPRANO_PUBLIC_LISTINGS"].default == "true"
    assert settings["SOPRANO_API_KEYS"].default == ""
    assert settings["SOPRANO_WATCHDOG_DEADLINE"].default == "75"
    assert settings["SOPRANO_MODEL_REPOSITORY"].default == "model_repository"
    assert all(setting.effect for setting in settings.values())
