"""The pages for people: their links lead somewhere, and what they name exists."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "examples" / "README.md",
    ROOT / "voices" / "builtin" / "README.md",
]
MAPS = [ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]
"""The pages that say which file does what."""

PACKAGES = ("text", "ipc", "engine", "proxy", "launch", "perf", "voices", "model_repository", "examples", "tests")
FOLDERS = (*PACKAGES, "web", "deploy", "docs", ".ci")

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_QUOTED = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"[\w.-]+(/[\w.-]+)*(\.(py|md|js|mjs|html|css|sh|json|yaml|toml|pbtxt|txt)|/)|\.ci/run|Dockerfile.+")
_NAME = re.compile(r"_?[A-Za-z]\w*(\.\w+)*")


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return _FENCE.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    seen: Counter[str] = Counter()
    names = set()
    for heading in _HEADING.findall(prose(page)):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        names.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return names


def broken_links(page: Path) -> Iterator[str]:
    for link in _LINK.findall(prose(page)):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](#one-two) [b](#three) [c](gone.md) [d](page.md#one-two) [e](page.md#four)\n")
    assert list(broken_links(page)) == ["#three", "gone.md", "page.md#four"]


def files_of(*folders: str) -> list[Path]:
    return [file for folder in folders for file in (ROOT / folder).rglob("*")]


@pytest.mark.parametrize("page", MAPS, ids=lambda page: page.name)
def test_the_files_that_a_map_names_exist(page: Path) -> None:
    """Named from the root, or by the end of their path where the context gives the rest."""
    known = [f"/{file.relative_to(ROOT)}{'/' * file.is_dir()}" for file in [*ROOT.iterdir(), *files_of(*FOLDERS)]]
    named = {name for name in _QUOTED.findall(prose(page)) if _FILE.fullmatch(name)}
    assert named
    assert {name for name in named if not any(path.endswith(f"/{name}") for path in known)} == set()


def test_what_the_architecture_names_is_in_the_code() -> None:
    """Classes, functions, settings: each word of a name, whatever the language."""
    sources = [file for file in files_of(*PACKAGES) if file.suffix in (".py", ".pbtxt")]
    sources += [ROOT / "Makefile", ROOT / "pyproject.toml"]
    words = {word for file in sources for word in re.findall(r"\w+", file.read_text())}
    quoted = _QUOTED.findall(prose(ROOT / "ARCHITECTURE.md"))
    names = {name for name in quoted if _NAME.fullmatch(name) and not _FILE.fullmatch(name)}
    assert names
    assert {name for name in names if not words.issuperset(name.split("."))} == set()
