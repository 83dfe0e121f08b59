"""The application, put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from proxy.catalog import Catalog
from proxy.error_handlers import add_error_handlers
from proxy.grpc_synthesizer import GrpcSynthesizer
from proxy.http_synthesizer import HttpSynthesizer
from proxy.monitored_synthesizer import MonitoredSynthesizer
from proxy.request_id import RequestIdMiddleware
from proxy.routers import health, models, speech
from proxy.services import Services
from proxy.settings import Settings
from proxy.synthesis import Synthesizer


def connect(settings: Settings) -> Synthesizer:
    """The synthesizer that the settings name; to be called in a running event loop, which it then belongs to."""
    if settings.transport == "http":
        return HttpSynthesizer(settings.triton_url, timeout=settings.first_audio_deadline)
    return GrpcSynthesizer(settings.triton_url)


def create_app(settings: Settings, connect: Callable[[Settings], Synthesizer] = connect) -> FastAPI:
    """The application; `connect` is called when it starts, and what it gave is closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        synthesizer = MonitoredSynthesizer(
            connect(settings),
            first_audio_deadline=settings.first_audio_deadline,
            stall_deadline=settings.stall_deadline,
        )
        app.state.services = Services(settings, Catalog(settings.model_aliases), synthesizer)
        yield
        await synthesizer.close()

    app = FastAPI(title="Soprano speech", lifespan=lifespan, redirect_slashes=False)
    app.add_middleware(RequestIdMiddleware)
    add_error_handlers(app)
    app.include_router(health.router)
    for router in (speech.router, models.router):
        app.include_router(router, prefix="/v1")
        app.include_router(router, include_in_schema=False)
    return app
