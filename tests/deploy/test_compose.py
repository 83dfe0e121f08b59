"""compose.yaml agrees with the images, the settings and the files that it names."""

from typing import Any

import pytest

from engine.checkpoint.files import DEFAULT_CHECKPOINT
from proxy.settings import Settings
from tests.deploy.manifests import PROJECT, read

COMPOSE = read(PROJECT / "compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def started(*profiles: str) -> set[str]:
    """The services that `docker compose` starts with these profiles."""
    return {
        name
        for name, service in SERVICES.items()
        if not service.get("profiles") or set(profiles) & {*service["profiles"]}
    }


def test_without_a_profile_it_is_the_service_on_a_gpu() -> None:
    (line,) = [line for line in (PROJECT / ".env").read_text().splitlines() if not line.startswith("#")]
    assert line == "COMPOSE_PROFILES=gpu"
    assert started("gpu") == {"triton", "proxy"}


def test_each_profile_is_a_whole_service() -> None:
    assert started("cpu") == {"triton-cpu", "proxy"}
    assert started("cpu", "monitoring") == {"triton-cpu", "proxy", "prometheus", "grafana"}


@pytest.mark.parametrize("name", ["triton", "triton-cpu"])
def test_the_checkpoint_is_a_named_one(name: str) -> None:
    assert SERVICES[name]["environment"]["SOPRANO_CHECKPOINT"] == f"${{SOPRANO_CHECKPOINT:-{DEFAULT_CHECKPOINT}}}"


def test_only_the_gpu_one_asks_for_a_gpu() -> None:
    (device,) = SERVICES["triton"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["driver"] == "nvidia"
    assert "deploy" not in SERVICES["triton-cpu"]
    assert SERVICES["triton-cpu"]["environment"]["SOPRANO_DEVICE"] == "cpu"


@pytest.mark.parametrize("name", ["triton", "triton-cpu"])
def test_the_proxy_finds_triton(name: str) -> None:
    host, port = SERVICES["proxy"]["environment"]["SOPRANO_TRITON_URL"].split(":")
    assert host in SERVICES[name]["networks"]["default"]["aliases"]
    assert port == "8001"
    assert "ports" not in SERVICES[name]


@pytest.mark.parametrize("name", list(SERVICES))
def test_what_it_names_is_there(name: str) -> None:
    service = SERVICES[name]
    if build := service.get("build"):
        assert (PROJECT / build["dockerfile"]).is_file()
    for volume in service.get("volumes", ()):
        source = volume.split(":")[0]
        assert (PROJECT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", list(SERVICES))
def test_a_container_is_hardened(name: str) -> None:
    assert SERVICES[name]["read_only"]
    assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_containers_have_the_time_that_their_programs_take_to_stop() -> None:
    assert int(SERVICES["triton"]["stop_grace_period"].removesuffix("s")) > 60
    assert int(SERVICES["proxy"]["stop_grace_period"].removesuffix("s")) > Settings().drain_deadline


def test_prometheus_reads_both() -> None:
    jobs = read(PROJECT / "deploy" / "compose" / "prometheus.yaml")["scrape_configs"]
    usual = read(PROJECT / "deploy" / "prometheus.yaml")["scrape_configs"]
    assert [job["job_name"] for job in jobs] == [job["job_name"] for job in usual]
