"""`HEAD` for every route that has `GET`."""

from starlette.types import ASGIApp, Receive, Scope, Send


class HeadMiddleware:
    """Answers `HEAD` with the status and the headers of `GET`; the server leaves the body out (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a `HEAD` on as a `GET`."""
        if scope.get("method") != "HEAD":
            await self._app(scope, receive, send)
            return
        # A copy, because the server reads the method while it sends.
        request = {**scope, "method": "GET"}
        try:
            await self._app(request, receive, send)
        finally:
            # The middleware around this one counts requests by it.
            scope["route"] = request.get("route")
