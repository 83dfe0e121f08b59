"""Upstream's two text modules, loaded by path and without run-time type checks.

`import soprano.utils.…` would run `soprano/__init__.py`, which imports PyTorch and transformers: that takes 5 s and
300 MB in every process that prepares text.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import typeguard


@contextmanager
def _types_unchecked() -> Iterator[None]:
    """Make `typeguard.typechecked` do nothing.

    inflect, which reads numbers, decorates its methods with it. That takes 1.5 s to compile them a second time, and
    makes a text of numbers take up to five times as long.
    """
    typechecked = typeguard.typechecked
    typeguard.typechecked = lambda function: function  # type: ignore[assignment]
    try:
        yield
    finally:
        typeguard.typechecked = typechecked


def _load(name: str) -> ModuleType:
    """Load `soprano/utils/<name>.py`, which imports no other module of its package."""
    package = find_spec("soprano")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("soprano-tts is not installed. Install it without its dependencies: make install.")
    path = Path(package.submodule_search_locations[0], "utils", f"{name}.py")
    spec = spec_from_file_location(f"upstream_{name}", path)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"{path} is not a Python module. Install soprano-tts again: make install.")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


with _types_unchecked():
    import_module("inflect")
text_normalizer = _load("text_normalizer")
text_splitter = _load("text_splitter")
