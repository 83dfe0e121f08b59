"""`soprano serve`."""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import typer

from engine.checkpoint.files import AUTO
from ipc.stop_signal import StopSignal
from launch import checkpoint as checkpoints
from launch import console
from launch.authority import is_loopback
from launch.commands import options
from launch.proxy_server import ProxyServer, ProxySettings
from launch.supervisor import STOP_TIMEOUT, Supervisor
from launch.triton.fleet import for_devices, uses_gpu
from launch.triton.keeper import TritonKeeper
from launch.triton.log import error_text
from launch.triton.server import TritonServer
from launch.triton.settings import MODEL_REPOSITORY, TritonSettings
from launch.triton.watchdog import WatchdogSettings

_WATCHDOG = "Watchdog"


def serve(
    checkpoint: options.Checkpoint = AUTO,
    host: Annotated[str, typer.Option(envvar="SOPRANO_HOST", help="Address to listen on; 0.0.0.0: all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="SOPRANO_PORT", help="Port of the speech API.")] = 8080,
    device: Annotated[
        str | None,
        typer.Option(
            envvar="SOPRANO_DEVICE",
            help="auto, cpu, cuda or cuda:N; several separated by commas: one Triton each, with load balancing.",
        ),
    ] = None,
    dtype: options.Dtype = None,
    slots: options.Slots = None,
    transport: Annotated[
        str, typer.Option(envvar="SOPRANO_TRANSPORT", help="How the proxy reaches Triton: grpc or http.")
    ] = "grpc",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the logs of Triton and the proxy.")] = False,
    triton_address: options.TritonAddress = "127.0.0.1",
    triton_http_port: options.TritonHttpPort = 8000,
    triton_grpc_port: options.TritonGrpcPort = 8001,
    triton_metrics_port: options.TritonMetricsPort = 8002,
    model_repository: options.ModelRepository = MODEL_REPOSITORY,
    start_timeout: Annotated[
        float,
        typer.Option(
            envvar="SOPRANO_START_TIMEOUT", rich_help_panel=options.TRITON_PANEL, help="Seconds to load the models."
        ),
    ] = 600.0,
    watchdog_interval: Annotated[
        float,
        typer.Option(
            envvar="SOPRANO_WATCHDOG_INTERVAL",
            rich_help_panel=_WATCHDOG,
            help="Seconds between checks that Triton speaks; 0: no checks.",
        ),
    ] = WatchdogSettings.interval,
    watchdog_deadline: Annotated[
        float,
        typer.Option(
            envvar="SOPRANO_WATCHDOG_DEADLINE", rich_help_panel=_WATCHDOG, help="Seconds that one word may take."
        ),
    ] = WatchdogSettings.deadline,
    watchdog_failures: Annotated[
        int,
        typer.Option(
            envvar="SOPRANO_WATCHDOG_FAILURES",
            rich_help_panel=_WATCHDOG,
            help="Failed checks in a row after which Triton is restarted.",
        ),
    ] = WatchdogSettings.failures,
    watchdog_recovery: Annotated[
        float,
        typer.Option(
            envvar="SOPRANO_WATCHDOG_RECOVERY",
            rich_help_panel=_WATCHDOG,
            help="Seconds that a model may take to replace its engine before Triton is restarted.",
        ),
    ] = WatchdogSettings.recovery,
) -> None:
    """Serve speech over HTTP until Ctrl-C: Triton with the model, and OpenAI's speech API in front of it.

    Every option can also be set by the environment variable shown beside it.
    """
    watchdog = WatchdogSettings(watchdog_interval, watchdog_deadline, watchdog_failures, watchdog_recovery)
    settings = TritonSettings(
        model_repository=model_repository,
        address=triton_address,
        http_port=triton_http_port,
        grpc_port=triton_grpc_port,
        metrics_port=triton_metrics_port,
        start_timeout=start_timeout,
    )
    console.show_log("engine")
    located = checkpoints.locate(checkpoint)
    engine = options.given(SOPRANO_CHECKPOINT=located.path, SOPRANO_DTYPE=dtype, SOPRANO_SLOTS=slots)
    log = _LogView(verbose=verbose)
    fleet = for_devices(replace(settings, environment=engine), device)
    keepers = [
        TritonKeeper(TritonServer(each, on_log_line=log.show), watchdog, console.say, name) for name, each in fleet
    ]
    proxy = ProxyServer(
        ProxySettings(
            triton_url=",".join(_address(keeper.triton, transport) for keeper in keepers),
            transport=transport,
            host=host,
            port=port,
            environment=_proxy_environment(device, verbose=verbose),
        )
    )
    checkpoints.announce(located)
    _warn_of_exposure(host, triton_address)

    def on_ready() -> None:
        log.show_errors()
        _print_address(proxy.url)

    with StopSignal() as stop:
        Supervisor(keepers, proxy, console.say).run(stop, on_ready)


class _LogView:
    """Shows Triton's log: all of it, or only errors once it is ready (a failed start is explained elsewhere)."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._shows_errors = threading.Event()

    def show_errors(self) -> None:
        """Show errors from now on."""
        self._shows_errors.set()

    def show(self, line: str) -> None:
        """Show one line of the log, if it is to be shown."""
        if self._verbose:
            console.show(line)
        elif self._shows_errors.is_set() and (text := error_text(line)):
            console.show(f"triton: {text}")


def _address(triton: TritonServer, transport: str) -> str:
    return triton.grpc_url if transport == "grpc" else triton.http_address


def _proxy_environment(device: str | None, *, verbose: bool) -> Mapping[str, str]:
    """Defaults for the proxy: as quiet as Triton, and with open requests finished before the servers are killed.

    Where the engine computes on the processor's cores, one worker is enough for the streams that it makes.
    """
    defaults = {
        "SOPRANO_LOG_LEVEL": "info" if verbose else "warning",
        "SOPRANO_DRAIN_DEADLINE": str(int(STOP_TIMEOUT) - 1),
    }
    if not uses_gpu(device):
        defaults["SOPRANO_PROXY_WORKERS"] = "1"
    return {name: value for name, value in defaults.items() if name not in os.environ}


def _print_address(url: str) -> None:
    """Print on standard output where the server is and how to try it."""
    body = json.dumps({"model": "soprano", "voice": "soprano", "input": "Hello from Soprano."})
    key = "-H 'Authorization: Bearer <your key>' " if _needs_key() else ""
    typer.echo(f"Listening on {url} (Ctrl-C stops). Open it in a browser, or try:\n")
    typer.echo(f"  curl {url}/v1/audio/speech {key}-H 'Content-Type: application/json' -d '{body}' -o hello.mp3\n")


def _warn_of_exposure(host: str, triton_address: str) -> None:
    """Warn if other machines can connect without a key."""
    if not is_loopback(host) and not _needs_key():
        console.warn(
            f"anybody who can reach {host} may use this server: set SOPRANO_API_KEYS, or leave --host out to serve "
            "this machine only"
        )
    if not is_loopback(triton_address):
        console.warn(
            f"Triton on {triton_address} checks no API keys, and anybody who can reach a release before 25.07 can take "
            "it over: leave --triton-address out, or let only hosts that you trust reach its ports"
        )


def _needs_key() -> bool:
    keys = os.environ.get("SOPRANO_API_KEYS", "").split(",")
    return any(key.strip() for key in keys) or bool(os.environ.get("SOPRANO_API_KEYS_FILE"))
