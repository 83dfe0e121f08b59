"""`GET /metrics`."""

from fastapi import APIRouter
from starlette.responses import Response

from proxy.metrics import CONTENT_TYPE
from proxy.services import AppServices

router = APIRouter(tags=["operation"])


@router.get("/metrics", response_class=Response)
async def metrics(services: AppServices) -> Response:
    """The proxy's metrics for Prometheus; Triton serves its own and the engine's on its metrics port."""
    return Response(services.metrics.exposition(), media_type=None, headers={"content-type": CONTENT_TYPE})
