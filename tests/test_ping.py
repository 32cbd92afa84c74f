"""`--ping-url`: called at the start, at success and at failure; never fatal, and the only use of the network."""

import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from forecaster.errors import UsageError
from forecaster.nightly import ping
from forecaster.nightly.ping import Ping
from tests.conftest import Command
from tests.nightly import write_days

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def listen() -> Iterator[tuple[str, list[str]]]:
    """A server that notes the paths that are asked for; yields its address and the list."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/secret", paths
        finally:
            server.shutdown()
            thread.join()


def test_it_is_called_at_the_start_at_success_and_at_failure(forecast: Command) -> None:
    write_days(60)
    words = ("run", "shops.csv", "--train", "never", "--ping-url")
    with listen() as (url, paths):
        outcome = forecast(*words, url)
        assert outcome.code == 0, outcome.stderr
        assert paths == ["/secret/start", "/secret"]
        assert forecast(*words, url, "--min-rows", "1000").code == 4
        assert paths[2:] == ["/secret/start", "/secret/4"]
        assert forecast("run", "missing.csv", "--ping-url", url).code == 66
        assert paths[-1] == "/secret/66"
    assert "secret" not in outcome.stderr
    assert not any("secret" in path.read_text() for path in Path("runs").rglob("*.json*"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--max-age", "zz"), 2),
        (("--max-late", "1%"), 2),
        (("--keep", "none"), 2),
        (("--no-such-option",), 2),
        (("--level", "x"), 2),
        (("--runs", "one", "--model", "one"), 2),
    ],
)
def test_it_is_called_for_a_bad_option_too(forecast: Command, words: tuple[str, ...], code: int) -> None:
    write_days(60)
    with listen() as (url, paths):
        for more in (("--ping-url", url), (f"--ping-url={url}",), ("--ping-url", url, "--json")):
            outcome = forecast("run", "shops.csv", *words, *more)
            assert outcome.code == code
            assert "secret" not in outcome.stderr
        assert paths == [f"/secret/{code}"] * 3


def test_it_is_called_for_bad_settings_wherever_its_address_is(
    forecast: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_days(60)
    with listen() as (url, paths):
        Path("forecast.toml").write_text(f'[run]\nping-url = "{url}"\n')
        assert forecast("run", "shops.csv", "--max-age", "zz").code == 2
        assert paths == ["/secret/2"]
        monkeypatch.setenv("FORECAST_PING_URL", f"{url}/other")
        monkeypatch.setenv("FORECAST_HORIZN", "7")
        assert forecast("run", "shops.csv").code == 78
        assert paths[1:] == ["/secret/other/78"]
        Path("forecast.toml").write_text("broken =")
        assert forecast("run", "shops.csv").code == 78
        assert paths[2:] == ["/secret/other/78"]
        # it is for runs alone, and not for their help
        Path("forecast.toml").unlink()
        assert forecast("monitor", "shops.csv").code == 78
        assert forecast("run", "--help").code == 0
        assert len(paths) == 3


def test_an_address_that_does_not_answer_is_no_failure(forecast: Command) -> None:
    write_days(60)
    outcome = forecast("run", "shops.csv", "--train", "never", "--ping-url", "http://127.0.0.1:9/secret")
    assert outcome.code == 0
    assert outcome.stderr.count("warning: the health check could not be called") == 2
    assert "secret" not in outcome.stderr


def test_a_slow_address_takes_no_longer_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ping, "PATIENCE", 0.05)
    waits = threading.Event()

    @contextmanager
    def answer(*_: object, **__: object) -> Iterator[HTTPResponse]:
        waits.wait(30)
        raise OSError("too late")
        yield

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    problem = Ping("http://127.0.0.1/slow").start()
    waits.set()
    assert problem is not None
    assert "no answer" in problem


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "host/path", "http://"])
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="--ping-url"):
        Ping(url)


def test_without_it_a_run_opens_no_connection() -> None:
    write_days(60)
    code = (
        "import sys; from forecaster.cli.app import run; words = ['run', 'shops.csv', '--train', 'never', '--quiet']\n"
        "assert run(words) == 0; print('no connection', flush=True)\n"
        "run([*words, '--force', '--ping-url', 'http://127.0.0.1:9/'])"
    )
    guarded = [sys.executable, str(ROOT / "tests" / "without_internet.py"), sys.executable, "-c", code]
    done = subprocess.run(guarded, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("no connection\n", "")
    assert done.returncode == -signal.SIGSYS, "the guard would have noticed"
