"""The playground: one static page, which is built from editors/playground."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.replies import accepts_gzip

FOLDER = "playground"
INDEX = "index.html"
TYPES: Mapping[str, str] = {
    INDEX: "text/html; charset=utf-8",
    "playground.js": "text/javascript; charset=utf-8",
    "playground.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "THIRD-PARTY.txt": "text/plain; charset=utf-8",
}
"""All files that there are: nothing else is looked for, whatever an address says."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        *("script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"),
        *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
    )
)
"""Nothing from elsewhere, no script within the page, and in nobody's frame: it holds a token."""
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    # Asked for each time, and not sent again unless another version is installed meanwhile.
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True, slots=True)
class File:
    """One of the page's, as it is and compressed; `tag` is another one for other bytes."""

    kind: str
    plain: bytes
    packed: bytes = field(init=False)
    tag: str = field(init=False)

    def __post_init__(self) -> None:
        # The time is left out: the same file is the same bytes in each process.
        object.__setattr__(self, "packed", gzip.compress(self.plain, mtime=0))
        object.__setattr__(self, "tag", hashlib.sha256(self.plain).hexdigest()[:32])


def routes(_gateway: Gateway) -> list[Route]:
    """The page and what belongs to it. Needs no token: nothing of the gateway's is in it."""
    files = read_files()

    async def index(request: Request) -> Response:
        return reply(request, files[INDEX])

    async def static(request: Request) -> Response:
        found = files.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        return reply(request, found)

    return [
        Route("/", index, methods=["GET"]),
        Route(f"/{FOLDER}/{{name}}", static, methods=["GET"]),
    ]


def read_files() -> dict[str, File]:
    """All files of the page."""
    folder = resources.files("codestral_ls.gateway") / FOLDER
    return {name: File(kind, (folder / name).read_bytes()) for name, kind in TYPES.items()}


def reply(request: Request, file: File) -> Response:
    """A file, or word that the browser has it already."""
    is_packed = accepts_gzip(request.headers.get("accept-encoding", ""))
    tag = f'"{file.tag}-gzip"' if is_packed else f'"{file.tag}"'
    headers = {**HEADERS, "ETag": tag}
    if _is_known(request.headers.get("if-none-match", ""), file.tag):
        return Response(status_code=304, headers=headers)
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    content = file.packed if is_packed else file.plain
    # Written by hand: as `media_type`, text would get another charset.
    return Response(content, headers={**headers, "Content-Type": file.kind})


def _is_known(wanted: str, tag: str) -> bool:
    """Whether a list of tags names this file in either form; which form does not matter here."""
    tags = {each.strip().removeprefix("W/").strip('"') for each in wanted.split(",")}
    return bool(tags & {tag, f"{tag}-gzip", "*"})
