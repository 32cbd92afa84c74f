"""Call the address of a health check; never fatal, and the only use of the network in the whole program."""

import threading
import urllib.request
from http.client import HTTPException
from urllib.parse import urlsplit

from forecaster.errors import UsageError

__all__ = ["Ping"]

PATIENCE = 5.0
"""Seconds, finding the address included."""


class Ping:
    """Calls `url` at the start (`/start` is added), at success, and at failure (the exit code is added).

    That is what healthchecks.io and its like expect. The address may hold a secret, so no message repeats it.
    """

    def __init__(self, url: str | None) -> None:
        parts = urlsplit(url or "https://none")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError("--ping-url: not an address of the web. Write it as https://host/path.")
        self._url = url

    def start(self) -> str | None:
        """Call it at the start of a run; returns what went wrong, if anything."""
        return self._call("/start")

    def end(self, exit_code: int) -> str | None:
        """Call it at the end of a run; returns what went wrong, if anything."""
        return self._call(f"/{exit_code}" if exit_code else "")

    def _call(self, ending: str) -> str | None:
        if self._url is None:
            return None
        parts = urlsplit(self._url)
        address = parts._replace(path=parts.path.rstrip("/") + ending).geturl()
        problem: list[str] = ["no answer within 5 s"]

        def call() -> None:
            try:
                with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                    answer.read(1)
                problem.clear()
            except (OSError, HTTPException, ValueError) as error:
                problem[:] = [str(getattr(error, "reason", "")) or type(error).__name__]

        # a thread, as finding the address of a host may take longer than any timeout
        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        thread.join(PATIENCE)
        return f"the health check could not be called ({problem[0]})" if problem else None
