"""`GET /health`, `/health/live` and `/health/ready`."""

from fastapi import APIRouter
from starlette.responses import JSONResponse

from proxy.api_types import ErrorBody, Liveness, Readiness
from proxy.errors import ServiceUnavailable
from proxy.services import AppServices

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def live() -> Liveness:
    """200 as long as the process responds."""
    return Liveness()


@router.get("/ready", responses={503: {"model": ErrorBody}})
async def ready(services: AppServices) -> Readiness:
    """200 once Triton's models are ready and have spoken; 503 otherwise."""
    await services.synthesizer.check()
    return Readiness()


@router.get("", response_model=Readiness, responses={503: {"model": ErrorBody}})
async def health(services: AppServices) -> Readiness | JSONResponse:
    """Both results in one body, with the status of `/health/ready`."""
    try:
        await services.synthesizer.check()
    except ServiceUnavailable as error:
        return JSONResponse({"live": True, "ready": False, **error.body()}, error.status, error.headers())
    return Readiness()
