"""A real browser for tests: Chromium without a window, driven through the WebDriver protocol of its chromedriver."""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

__all__ = ["CHROMIUM", "DRIVER", "REASON", "Browser", "open_browser"]

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
REASON = "needs Chromium: apt-get install chromium chromium-driver"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"),
)
PATIENCE = 60.0


class Browser:
    """One tab. `errors` are what pages have written to the console, `requests` what they have asked any server for."""

    def __init__(self, address: str, *, profile: Path) -> None:
        self._opener = build_opener(ProxyHandler({}))
        options = {"binary": CHROMIUM, "args": [*FLAGS, f"--user-data-dir={profile}"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        self._address = address
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                session = self._post("/session", {"capabilities": {"alwaysMatch": wanted}})
                break
            except URLError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self._address = f"{address}/session/{session['sessionId']}"
        self.read_requests()  # those of the first, empty tab

    def open(self, path: Path, *, width: int = 1280, height: int = 900, is_dark: bool = False) -> None:
        """Open a file in a window of this size, and wait until its scripts are ready."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.command("Emulation.setDeviceMetricsOverride", **metrics)
        feature = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[feature])
        self._post("/url", {"url": path.resolve().as_uri()})
        self.wait("return document.documentElement.dataset.ready === 'yes'")

    def run(self, script: str, *arguments: Any) -> Any:
        """The value that `script` returns."""
        return self._post("/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script: str) -> None:
        """Wait until `script` returns true. Raises TimeoutError where it never does."""
        deadline = time.monotonic() + PATIENCE
        while not self.run(script):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{script}; the console: {self.read_errors()}")
            time.sleep(0.05)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as letters or the code points of WebDriver."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._post("/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def point(self, x: int, y: int) -> None:
        """Move the pointer to a place in the window."""
        moves = [{"type": "pointerMove", "x": x + step, "y": y, "duration": 0} for step in (0, 2)]
        pointer = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": moves}
        self._post("/actions", {"actions": [pointer]})

    def read_errors(self) -> list[str]:
        """What has been written to the console."""
        return [str(entry["message"]) for entry in self._post("/se/log", {"type": "browser"})]

    def read_requests(self) -> list[str]:
        """The addresses that pages have asked for, other than those within them and those of the browser's own tab."""
        sent = [json.loads(entry["message"])["message"] for entry in self._post("/se/log", {"type": "performance"})]
        asked = [one["params"]["request"]["url"] for one in sent if one["method"] == "Network.requestWillBeSent"]
        # the first, empty tab may still ask for something once another page is open
        return [address for address in asked if not address.startswith(("data:", "chrome:", "chrome-untrusted:"))]

    def take_picture(self, path: Path, *, is_whole: bool = False) -> None:
        """Save what the window shows, or the whole page, as a PNG file."""
        taken = self.command("Page.captureScreenshot", captureBeyondViewport=is_whole, **self._find_size(is_whole))
        path.write_bytes(base64.b64decode(taken["data"]))

    def _find_size(self, is_whole: bool) -> dict[str, Any]:
        if not is_whole:
            return {}
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {**size, "scale": 1}}

    def command(self, name: str, **arguments: Any) -> Any:
        """Run a command of the DevTools protocol."""
        return self._post("/goog/cdp/execute", {"cmd": name, "params": arguments})

    def close(self) -> None:
        """End the browser."""
        self._opener.open(Request(self._address, method="DELETE"), timeout=PATIENCE).close()

    def _post(self, path: str, content: dict[str, Any]) -> Any:
        request = Request(self._address + path, json.dumps(content).encode(), {"Content-Type": "application/json"})
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            with error:
                raise RuntimeError(json.load(error)["value"]["message"]) from None


@contextmanager
def open_browser(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile in `folder`; it ends with the block."""
    assert DRIVER is not None
    log = folder / "driver.log"
    with log.open("wb") as output:
        process = subprocess.Popen([DRIVER, "--port=0"], stdout=output, stderr=subprocess.STDOUT)
    try:
        browser = Browser(f"http://127.0.0.1:{_read_port(log)}", profile=folder / "profile")
        try:
            yield browser
        finally:
            browser.close()
    finally:
        process.terminate()
        process.wait()


def _read_port(log: Path) -> int:
    """The port that the driver says it has chosen."""
    deadline = time.monotonic() + PATIENCE
    while "started successfully on port" not in (text := log.read_text()):
        if time.monotonic() > deadline:
            raise TimeoutError(text)
        time.sleep(0.05)
    return int(text.split("started successfully on port")[1].split()[0].rstrip("."))
