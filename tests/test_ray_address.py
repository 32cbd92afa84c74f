"""The address of a Ray cluster is tried before Ray is, which itself tries for minutes; Ray is not needed here."""

import socket
import sys
from types import SimpleNamespace

import pytest

from forecaster.errors import ConfigurationError
from forecaster.scale.on_ray import _start_ray


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands for Ray: the calls that start it."""
    calls: list[str] = []
    settings = SimpleNamespace()
    data = SimpleNamespace(DataContext=SimpleNamespace(get_current=lambda: settings))
    fake = SimpleNamespace(is_initialized=lambda: False, init=lambda address, **_: calls.append(address), data=data)
    monkeypatch.setitem(sys.modules, "ray", fake)
    monkeypatch.setitem(sys.modules, "ray.data", data)
    return calls


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "ray://127.0.0.1:{}"])
def test_an_address_that_does_not_answer_is_an_error_at_once(
    form: str, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = form.format(server.getsockname()[1])
        monkeypatch.setenv("RAY_ADDRESS", address)
        _start_ray()
        assert started == [address]
    with pytest.raises(ConfigurationError, match=rf"{address} does not answer: connection refused\).*RAY_ADDRESS"):
        _start_ray()
    assert started == [address]


@pytest.mark.parametrize(("mode", "is_told"), [(None, True), ("token", False)])
def test_a_cluster_that_wants_a_token_says_so_only_in_its_log(
    mode: str | None, is_told: bool, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise ConnectionError("Failed to connect to Ray cluster at 10.0.0.1:6379")

    assert not started
    monkeypatch.setattr(sys.modules["ray"], "init", refuse)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    if mode:
        monkeypatch.setenv("RAY_AUTH_MODE", mode)
    with pytest.raises(ConfigurationError, match="Failed to connect") as refused:
        _start_ray()
    assert ("set RAY_AUTH_MODE=token" in str(refused.value)) == is_told


@pytest.mark.parametrize("address", ["auto", "local", "other://127.0.0.1:1"])
def test_addresses_without_a_port_are_for_ray_to_find(
    address: str, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", address)
    _start_ray()
    assert started == [address]


@pytest.mark.usefixtures("started")
def test_what_gathers_the_parts_leaves_machines_with_one_core_free() -> None:
    # with a quarter of a core for each, Ray 2.56 waited for ever for a whole one
    ray = _start_ray()
    assert ray.data.DataContext.get_current().hash_shuffle_operator_actor_num_cpus_override == 0


def test_without_an_address_a_cluster_is_started_whatever_ran_before(
    started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    _start_ray()
    assert started == ["local"]
