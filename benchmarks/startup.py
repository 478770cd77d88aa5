"""From the start of the server to the first attention picture in the browser, and its memory.

`python -m benchmarks.startup` (needs a Chromium, as the tests do).
"""

import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.chromium import FLAGS, find

PORT = 8766
STAGE = "canvas.picture"


def memory_mib(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def main() -> None:
    """Print seconds and MiB; the browser is started before the clock."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        began = time.perf_counter()
        command = [sys.executable, "-m", "pages._ui.launch", f"--server.port={PORT}"]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            url = f"http://localhost:{PORT}"
            while time.perf_counter() - began < 60:
                with suppress(OSError):
                    urllib.request.urlopen(f"{url}/_stcore/health")
                    break
                time.sleep(0.05)
            listening = time.perf_counter() - began
            page.goto(f"{url}/attention")
            page.wait_for_selector(STAGE)
            print(f"server listens after {listening:.2f} s")
            print(f"first attention picture after {time.perf_counter() - began:.2f} s")
            page.wait_for_timeout(1000)
            print(f"resident then {memory_mib(server.pid):.0f} MiB")
        finally:
            server.terminate()
            browser.close()


if __name__ == "__main__":
    main()
