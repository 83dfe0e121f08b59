"""The FastAPI application, assembled from its parts."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from proxy.admission import Admission
from proxy.api_keys import ApiKeys
from proxy.api_types import ErrorBody
from proxy.authorization import documented, require_key, require_key_for_listings
from proxy.catalog import Catalog
from proxy.description import add_description
from proxy.error_handlers import add_error_handlers
from proxy.heartbeat import heartbeat
from proxy.metrics import Metrics
from proxy.middleware.access import AccessMiddleware
from proxy.middleware.head import HeadMiddleware
from proxy.middleware.path import PathMiddleware
from proxy.middleware.request_id import HEADER as REQUEST_ID_HEADER
from proxy.middleware.request_id import RequestIdMiddleware
from proxy.responses.base import CHECKPOINT_HEADER
from proxy.responses.buffer_budget import BufferBudget
from proxy.routers import audio_listings, health, models, page, speech
from proxy.routers import metrics as metrics_router
from proxy.routers.live import speech_socket, unknown
from proxy.routers.live.elevenlabs import multi_stream_input, stream_input
from proxy.routers.live.elevenlabs import speech as elevenlabs_speech
from proxy.routers.live.realtime import realtime_socket
from proxy.routers.live.together import together_socket
from proxy.services import Services
from proxy.settings import Settings
from proxy.synthesis.failover import Failover
from proxy.synthesis.grpc import GrpcSynthesizer
from proxy.synthesis.http import HttpSynthesizer
from proxy.synthesis.interface import Synthesizer
from proxy.synthesis.monitored import MonitoredSynthesizer
from proxy.worker_table import WorkerTable
from proxy.wyoming.server import wyoming_server

LIVE_ROUTERS = (
    speech_socket.router,
    realtime_socket.router,
    stream_input.router,
    multi_stream_input.router,
    together_socket.router,
)


def connect(settings: Settings, metrics: Metrics) -> Synthesizer:
    """The synthesizer for the transport in the settings; to be called in the event loop that will use it."""
    if settings.transport == "http":
        return HttpSynthesizer(settings.triton_url, timeout=settings.first_audio_deadline)
    return Failover(GrpcSynthesizer(settings.triton_url), metrics.failovers.inc)


def create_app(
    settings: Settings,
    connect: Callable[[Settings, Metrics], Synthesizer] = connect,
    *,
    table: WorkerTable | None = None,
    wyoming: socket.socket | None = None,
) -> FastAPI:
    """The application of one worker of `table`, by default the only one.

    It calls `connect` when it starts, and closes that synthesizer when it stops. It serves Wyoming on the socket
    `wyoming`.
    """
    table = table or WorkerTable(keys=settings.accepted_keys)
    metrics = Metrics(table)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        synthesizer = MonitoredSynthesizer(
            connect(settings, metrics),
            first_audio_deadline=settings.first_audio_deadline,
            stall_deadline=settings.stall_deadline,
        )
        app.state.services = Services(
            settings=settings,
            catalog=Catalog(settings.model_aliases, settings.voice_aliases),
            synthesizer=synthesizer,
            api_keys=ApiKeys(settings.accepted_keys),
            admission=Admission(
                settings.max_in_flight, metrics.in_flight, permits_per_key=settings.max_in_flight_per_key, table=table
            ),
            buffer_budget=BufferBudget(settings.buffer_bytes // table.workers, metrics.buffered_bytes),
            metrics=metrics,
            reading=settings.reading,
        )
        async with heartbeat(table), wyoming_server(app.state.services, wyoming):
            yield
        await synthesizer.close()

    # With FastAPI's own class, the page /docs loads its scripts from another host.
    app = FastAPIOffline(
        title="Soprano speech",
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        responses={500: {"model": ErrorBody}},
    )
    _add_middleware(app, settings, metrics)
    add_error_handlers(app)
    _include_routes(app)
    add_description(app)
    return app


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Add the middleware; a request passes through the one added last first."""
    app.add_middleware(HeadMiddleware)
    app.add_middleware(PathMiddleware, root_path=settings.root_path)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            # Browsers ask for it when a public page calls a server on the visitor's own network.
            allow_private_network=True,
            expose_headers=[REQUEST_ID_HEADER, CHECKPOINT_HEADER, "retry-after", "x-should-retry"],
        )
    app.add_middleware(AccessMiddleware, metrics=metrics)
    app.add_middleware(RequestIdMiddleware)


def _include_routes(app: FastAPI) -> None:
    with_key, listed = [documented, Depends(require_key)], [documented, Depends(require_key_for_listings)]
    refusal: dict[int | str, dict[str, Any]] = {401: {"model": ErrorBody}}
    speaking, listing = (speech.router, elevenlabs_speech.router), (models.router, audio_listings.router)
    for router, guards in (*((each, with_key) for each in speaking), *((each, listed) for each in listing)):
        app.include_router(router, prefix="/v1", dependencies=guards, responses=refusal)
        app.include_router(router, dependencies=guards, include_in_schema=False)
    for router in LIVE_ROUTERS:
        app.include_router(router, prefix="/v1", dependencies=[Depends(require_key)])
        app.include_router(router, dependencies=[Depends(require_key)])
    app.include_router(health.router)
    app.include_router(metrics_router.router)
    app.include_router(page.router)
    app.include_router(unknown.router)
