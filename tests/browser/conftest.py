"""A Streamlit server and a Chromium for the browser tests, started once a session.

`serve(path)` starts `streamlit run` on a free port and returns its address; the same path is
served once. `browser` is one headless Chromium, `page` a fresh page in a fresh profile.
"""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.chromium import FLAGS, find

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """Function: path of an app -> address of its server."""
    running = {}

    def start(app, **environment):
        path = (ROOT / app).resolve()
        if path not in running:
            log = tmp_path_factory.mktemp("serve") / "log"
            running[path] = _start(path, log, environment)
        return running[path][0]

    yield start
    for _, process, log in running.values():
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _start(path, log, environment):
    port = free_port()
    address = f"http://localhost:{port}"
    options = ["--server.port", str(port), "--server.headless", "true"]
    command = [sys.executable, "-m", "streamlit", "run", str(path), *options]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": paths} | environment
    output = log.open("w")
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
    )
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
            return address, process, output
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    process.kill()
    process.wait()
    output.close()
    raise RuntimeError(f"{path.name} did not start:\n{log.read_text()[-2000:]}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def files():
    """Address of a server for the repository's files, for ES modules on their own."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("localhost", 0), partial(Quiet, directory=str(ROOT)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)  # for machines that do something else besides

    path = find()
    if path is None:
        pytest.fail("no Chromium: run `python -m tests.chromium`")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A fresh page at 1440 x 900; a script error on it fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    opened = context.new_page()
    errors = []
    opened.on("pageerror", lambda problem: errors.append(str(problem)))
    yield opened
    context.close()
    assert not errors, errors
