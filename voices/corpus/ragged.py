"""Files of many items whose parts are texts and arrays of different lengths."""

import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Item = TypeVar("Item", bound="DataclassInstance")  # a dataclass whose fields are texts and arrays


def write(file: Path, items: Sequence["DataclassInstance"]) -> None:
    """Write at least one item; all are of one class, and arrays of one field differ in their first dimension only."""
    parts: dict[str, Any] = {}
    for field in fields(items[0]):
        values = [getattr(item, field.name) for item in items]
        if isinstance(values[0], str):
            parts[field.name] = json.dumps(values)
        else:
            parts[field.name] = np.concatenate(values)
            parts[field.name + _LENGTHS] = [len(value) for value in values]
    with file.open("wb") as output:
        np.savez(output, **parts)


def read(file: Path, kind: type[Item]) -> list[Item]:
    """Read what `write` wrote."""
    with np.load(file) as stored:
        columns = [
            np.split(stored[field.name], np.cumsum(stored[field.name + _LENGTHS])[:-1])
            if field.name + _LENGTHS in stored
            else json.loads(str(stored[field.name]))
            for field in fields(kind)
        ]
    return [kind(*parts) for parts in zip(*columns, strict=True)]


_LENGTHS = "_lengths"
