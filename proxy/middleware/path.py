"""The path of a request, as the routes know it."""

import re
from urllib.parse import unquote

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_SLASHES = re.compile("/{2,}")
_REPEATED_VERSION = re.compile(r"(?:/v1){2,}(?=/|$)")


class PathMiddleware:
    """Lets every route answer below `root_path`, and at whatever clients join from a base URL and a path.

    A reverse proxy may strip the prefix or not. Doubled and trailing slashes and a second `/v1` have no meaning of
    their own. The path is rewritten instead of redirected, because many clients do not repeat the body of a POST.
    """

    def __init__(self, app: ASGIApp, root_path: str = "") -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the path of its route."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        # Percent-encoded, so that an encoded slash in the name of a model stays what it is.
        path = _SLASHES.sub("/", scope["raw_path"].decode("latin-1"))
        if self._root_path and path == self._root_path and scope.get("method") in ("GET", "HEAD"):
            # The page's addresses are relative to this one.
            await RedirectResponse(f"{self._root_path}/")(scope, receive, send)
            return
        path = self._without_root(path)
        path = _REPEATED_VERSION.sub("/v1", path, count=1).rstrip("/") or "/"
        # Starlette takes `root_path` off again; mounted applications need it there.
        scope["path"], scope["root_path"] = self._root_path + unquote(path), self._root_path
        await self._app(scope, receive, send)

    def _without_root(self, path: str) -> str:
        below = path.removeprefix(self._root_path)
        return below if below[:1] in ("", "/") else path
