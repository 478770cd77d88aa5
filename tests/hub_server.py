"""A small Hugging Face hub on 127.0.0.1: what a download needs, and the ways it goes wrong."""

import hashlib
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c0ffee" * 6 + "c0de"


@dataclass
class Hub:
    """What is served, how it fails, and what was asked.

    Attributes:
        files: Content by repository.
        breaks: Bytes after which each coming answer breaks off, one entry an answer.
        status: Answered instead of everything, if set.
        names: Whether answers name commit and tag, as only a hub does.
        surplus: Bytes sent beyond the file.
        ranges: Whether a request for the rest of a file is understood.
        damage: Whether content arrives as zeros.
        asked: First byte of each transfer.
        sent: Bytes of content sent.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    status: int | None = None
    names: bool = True
    surplus: bytes = b""
    ranges: bool = True
    damage: bool = False
    asked: list[int] = field(default_factory=list)
    sent: int = 0
    url: str = ""
    store: str = ""


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def do_HEAD(self):
        # Large files: the hub names commit, tag and size, and points to another server.
        hub = self.server.hub
        found = re.fullmatch(r"/(.+)/resolve/([\w.-]+)/model\.safetensors", self.path)
        content = hub.files.get(found[1]) if found else None
        if content is None:
            self.answer(404, Content_Length=0, X_Error_Code="RepoNotFound")
        elif hub.status:
            self.answer(hub.status, Content_Length=0)
        elif not hub.names:
            self.answer(200, Content_Length=len(content))
        else:
            self.answer(
                302,
                X_Repo_Commit=COMMIT,
                X_Linked_ETag=f'"{hashlib.sha256(content).hexdigest()}"',
                X_Linked_Size=len(content),
                Location=f"{hub.store}/store/{found[1]}",
                Content_Length=0,
            )

    def do_GET(self):
        if self.path.startswith("/store/"):
            self.transfer(self.server.hub, self.path.removeprefix("/store/"))
        else:
            self.do_HEAD()

    def transfer(self, hub, repo):
        content = hub.files[repo]
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked and hub.ranges else 0
        body = content[start:] + hub.surplus
        body = bytes(len(body)) if hub.damage else body
        hub.asked.append(start)
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.answer(206 if start else 200, Content_Length=len(body), Content_Range=span)
        body = body[: hub.breaks.pop(0)] if hub.breaks else body
        hub.sent += len(body)
        self.wfile.write(body)


@contextmanager
def serving(hub: Hub):
    """Serve until the block ends; `hub.url` is where."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.hub = hub
    hub.url = f"http://127.0.0.1:{server.server_port}"
    hub.store = f"http://localhost:{server.server_port}"  # by another name: another server
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
