"""Reads the files of the deployment."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
RESOURCES = sorted(
    file
    for file in KUBERNETES.glob("*/*.yaml")
    if file.name not in ("kustomization.yaml", "adapter-rules.yaml") and file != KUBERNETES / "cpu" / "triton.yaml"
)
"""Files of whole resources; `cpu/triton.yaml` is a patch."""


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def documents(file: Path) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(file.read_text()) if document]


def resources() -> Iterator[dict[str, Any]]:
    for file in RESOURCES:
        yield from documents(file)


def resource(kind: str, name: str) -> dict[str, Any]:
    (found,) = [each for each in resources() if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def container(deployment: str) -> dict[str, Any]:
    (found,) = resource("Deployment", deployment)["spec"]["template"]["spec"]["containers"]
    return dict(found)


def variables(deployment: str) -> dict[str, Any]:
    return {each["name"]: each.get("value") for each in container(deployment)["env"]}
