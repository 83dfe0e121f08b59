"""`GET /`, the web page for trying the server, and its files."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

from proxy.errors import UnknownUrl

PAGE = Path(__file__).parents[2] / "web"
MEDIA_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
INDEX = "index.html"
FILES = frozenset(file.name for file in PAGE.iterdir() if file.suffix in MEDIA_TYPES) - {INDEX}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self' blob:",
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    # Browsers revalidate every time, so that an upgrade takes effect at once.
    "cache-control": "no-cache",
    "content-security-policy": "; ".join(f"{directive} {sources}" for directive, sources in POLICY.items()),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def page() -> FileResponse:
    """The page."""
    return _file(INDEX)


@router.get("/page/{name}")
async def page_file(name: str) -> FileResponse:
    """One of the page's files."""
    if name not in FILES:
        raise UnknownUrl(f"The page has no file '{name}'.")
    return _file(name)


def _file(name: str) -> FileResponse:
    file = PAGE / name
    return FileResponse(file, headers=HEADERS, media_type=MEDIA_TYPES[file.suffix])
