"""`soprano triton`."""

import os
from typing import Annotated

import typer

from engine.checkpoint.files import AUTO
from launch import checkpoint as checkpoints
from launch import console
from launch.commands import options
from launch.triton import shared_memory
from launch.triton.command import command_line, process_environment
from launch.triton.installation import find_installation
from launch.triton.settings import MODEL_REPOSITORY, TritonSettings


def triton(
    checkpoint: options.Checkpoint = AUTO,
    device: Annotated[str | None, typer.Option(envvar="SOPRANO_DEVICE", help="auto, cpu, cuda or cuda:N.")] = None,
    dtype: options.Dtype = None,
    slots: options.Slots = None,
    triton_address: options.TritonAddress = "127.0.0.1",
    triton_http_port: options.TritonHttpPort = 8000,
    triton_grpc_port: options.TritonGrpcPort = 8001,
    triton_metrics_port: options.TritonMetricsPort = 8002,
    model_repository: options.ModelRepository = MODEL_REPOSITORY,
    exit_timeout: Annotated[
        int,
        typer.Option(
            envvar="SOPRANO_EXIT_TIMEOUT",
            rich_help_panel=options.TRITON_PANEL,
            help="Seconds that open requests have to finish after SIGTERM.",
        ),
    ] = 60,
    connection_age: Annotated[
        int,
        typer.Option(
            envvar="SOPRANO_CONNECTION_AGE",
            rich_help_panel=options.TRITON_PANEL,
            help="Seconds after which gRPC clients must reconnect, so that they find new Tritons; 0: never.",
        ),
    ] = 60,
) -> None:
    """Download the weights if necessary, and become Triton: for containers, whose runtime restarts it.

    Every option can also be set by the environment variable shown beside it.
    """
    console.show_log("engine")
    located = checkpoints.locate(checkpoint)
    checkpoints.announce(located)
    settings = TritonSettings(
        model_repository=model_repository,
        environment=options.given(
            SOPRANO_CHECKPOINT=located.path, SOPRANO_DEVICE=device, SOPRANO_DTYPE=dtype, SOPRANO_SLOTS=slots
        ),
        address=triton_address,
        http_port=triton_http_port,
        grpc_port=triton_grpc_port,
        metrics_port=triton_metrics_port,
        exit_timeout=exit_timeout,
        connection_age=connection_age,
    )
    installation = find_installation()
    shared_memory.remove_orphans()
    # The prefix contains this process's id, which Triton keeps after execve.
    command = command_line(settings, installation, shared_memory.new_prefix())
    console.say(f"starting {installation.binary}")
    os.execve(command[0], command, process_environment(settings, installation))  # noqa: S606 - in this process's place
