"""Every other WebSocket."""

from fastapi import APIRouter
from starlette.websockets import WebSocket

from proxy.errors import UnknownUrl

router = APIRouter()


@router.websocket("/{path:path}")
async def unknown(websocket: WebSocket) -> None:
    """Refuse it as an unknown route is refused: Starlette would answer with 403 and no reason."""
    raise UnknownUrl(f"There is no WebSocket {websocket.url.path}.")
