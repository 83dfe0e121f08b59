"""The Kubernetes manifests are valid, and agree with each other and with the programs that they run."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from engine.checkpoint.files import DEFAULT_CHECKPOINT
from proxy.settings import Settings
from tests.deploy.manifests import KUBERNETES, RESOURCES, container, documents, read, resource, resources, variables

VERSIONS = ("1.29", "1.37")
"""The oldest Kubernetes version that the manifests support, and the newest one with a schema here."""


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("file", RESOURCES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_manifest_is_what_kubernetes_expects(file: Path, version: str) -> None:
    for document in documents(file):
        kubernetes_validate.validate(document, version, strict=True)


def test_a_wrong_manifest_would_be_noticed() -> None:
    document = documents(KUBERNETES / "base" / "triton.yaml")[0]
    document["spec"]["template"]["spec"]["containers"][0]["livenessProbe"]["seconds"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, VERSIONS[-1], strict=True)


@pytest.mark.parametrize("folder", ["base", "cpu", "autoscaling"])
def test_a_kustomization_names_files_that_are_there(folder: str) -> None:
    kustomization = read(KUBERNETES / folder / "kustomization.yaml")
    patches = [patch["path"] for patch in kustomization.get("patches", ()) if "path" in patch]
    for name in [*kustomization["resources"], *patches]:
        assert (KUBERNETES / folder / name).exists()


def test_every_resource_is_in_one_kustomization() -> None:
    for file in RESOURCES:
        assert file.name in read(file.parent / "kustomization.yaml")["resources"]


@pytest.mark.parametrize("deployment", ["soprano-triton", "soprano-proxy"])
def test_a_pod_is_hardened(deployment: str) -> None:
    pod = resource("Deployment", deployment)["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(deployment)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_checkpoint_is_a_named_one() -> None:
    assert variables("soprano-triton")["SOPRANO_CHECKPOINT"] == DEFAULT_CHECKPOINT


def labels(selector: dict[str, Any]) -> dict[str, str]:
    return dict(selector.get("matchLabels", selector))


def test_everything_that_selects_pods_selects_some() -> None:
    pods = [each["spec"]["template"]["metadata"]["labels"] for each in resources() if each["kind"] == "Deployment"]
    selectors = [each["spec"]["selector"] for each in resources() if each["kind"] in ("Service", "PodDisruptionBudget")]
    selectors += [each["spec"]["podSelector"] for each in resources() if each["kind"] == "NetworkPolicy"]
    assert len(selectors) == 6
    assert all(any(labels(selector).items() <= pod.items() for pod in pods) for selector in selectors)


def test_the_proxy_finds_every_triton() -> None:
    host, port = variables("soprano-proxy")["SOPRANO_TRITON_URL"].split(":")
    service = resource("Service", host)
    assert service["spec"]["clusterIP"] == "None"  # so that the name has the addresses of all pods
    assert int(port) in [each["port"] for each in service["spec"]["ports"]]


def test_the_proxy_has_a_worker_for_each_core_that_it_asks_for() -> None:
    """Not for each of the node's, which it could use too, since it has no limit."""
    (workers,) = [each for each in container("soprano-proxy")["env"] if each["name"] == "SOPRANO_PROXY_WORKERS"]
    assert workers["valueFrom"] == {"resourceFieldRef": {"resource": "requests.cpu"}}
    assert "cpu" in container("soprano-proxy")["resources"]["requests"]


def test_only_the_proxy_may_call_triton() -> None:
    rules = resource("NetworkPolicy", "soprano-triton")["spec"]["ingress"]
    callers = {tuple(port["port"] for port in rule["ports"]): rule["from"] for rule in rules}
    assert labels(callers[("grpc",)][0]["podSelector"]) == {"app.kubernetes.io/name": "soprano-proxy"}
    assert set(callers) == {("grpc",), ("metrics",)}


def test_a_pod_has_the_time_that_its_program_takes_to_stop() -> None:
    for deployment, seconds in (
        ("soprano-triton", int(variables("soprano-triton")["SOPRANO_EXIT_TIMEOUT"])),
        ("soprano-proxy", Settings().drain_deadline),
    ):
        before = int(container(deployment)["lifecycle"]["preStop"]["exec"]["command"][1])
        pod = resource("Deployment", deployment)["spec"]["template"]["spec"]
        assert pod["terminationGracePeriodSeconds"] > before + seconds


def test_ports_are_known_by_their_names() -> None:
    for deployment in ("soprano-triton", "soprano-proxy"):
        names = {port["name"] for port in container(deployment)["ports"]}
        probes = [container(deployment).get(f"{kind}Probe", {}) for kind in ("startup", "readiness", "liveness")]
        assert {probe["httpGet"]["port"] for probe in probes if "httpGet" in probe} <= names
