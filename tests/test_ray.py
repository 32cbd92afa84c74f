"""Forecasts on a Ray cluster of two nodes, of which one is killed on the way; skipped where Ray is not installed."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.data.read_options import ReadOptions
from forecaster.errors import ConfigurationError, DataError, UsageError
from forecaster.forecasting.writing import columns_for
from forecaster.library.footprint import BASE
from forecaster.library.forecast_files import ForecastStyle
from forecaster.library.opening import open_base_model
from forecaster.scale import on_ray
from forecaster.scale.large_input import LargeInput
from forecaster.scale.part_forecaster import Request
from tests.parts import make_promotions, make_table, sort_forecasts
from tests.test_parquet import FILES

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'forecast-lstm[ray]'")
pytestmark = pytest.mark.filterwarnings("ignore")

REQUEST = Request(ForecastStyle(columns_for([80, 95], quantiles=[]), has_all_digits=True))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of two nodes on this machine, each with its own processes."""
    from ray.cluster_utils import Cluster

    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    nodes.add_node(num_cpus=1)
    ray.init(address=nodes.address, logging_level="ERROR", log_to_driver=False)
    yield nodes
    ray.shutdown()
    nodes.shutdown()


def write_folder(folder: Path, table: pd.DataFrame, *, files: int = 4) -> None:
    folder.mkdir()
    for number, rows in enumerate(np.array_split(np.arange(len(table)), files)):
        table.iloc[rows].to_parquet(folder / f"part_{number}.parquet", index=False)


def test_a_forecast_survives_the_loss_of_a_node_and_is_that_of_one_go(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_table(series=40)
    write_folder(tmp_path / "data", table)
    monkeypatch.setattr(on_ray, "count_part_rows", lambda *_, **__: 250)
    model = open_base_model()
    killed: list[Any] = []

    def kill(_: str) -> None:
        if not killed:  # the parts were read and divided, and are to be forecast
            node = next(node for node in cluster.worker_nodes)
            cluster.remove_node(node, allow_graceful=False)
            cluster.add_node(num_cpus=1)
            killed.append(node)

    written = on_ray.predict_on_ray(
        LargeInput((str(tmp_path / "data"),)),
        str(tmp_path / "forecasts"),
        model=model,
        request=REQUEST,
        max_memory=BASE + 2 * 10**9,
        on_remark=kill,
    )
    assert killed
    found = pd.concat([pd.read_parquet(file) for file in sorted((tmp_path / "forecasts").iterdir())])
    whole = model.predict(table, level=(80, 95))
    assert written.series == whole["item"].nunique()
    pd.testing.assert_frame_equal(sort_forecasts(found), sort_forecasts(whole), rtol=1e-5, atol=1e-5, check_dtype=False)


@pytest.mark.usefixtures("cluster")
def test_covariates_do_with_ray_what_they_do_in_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = make_promotions()
    write_folder(tmp_path / "data", table)
    reading = ReadOptions(known=("price", "promo", "flag", "mark"), past=("temperature",), holidays=("US",))
    monkeypatch.setattr(on_ray, "count_part_rows", lambda *_, **__: 400)
    model, large = open_base_model(), LargeInput((str(tmp_path / "data"),), reading)
    on_ray.predict_on_ray(large, str(tmp_path / "forecasts"), model=model, request=REQUEST)
    found = pd.concat([pd.read_parquet(file) for file in sorted((tmp_path / "forecasts").iterdir())])
    whole = model.predict(table, level=(80, 95), reading=reading)
    pd.testing.assert_frame_equal(sort_forecasts(found), sort_forecasts(whole), rtol=1e-5, atol=1e-5, check_dtype=False)


@pytest.mark.usefixtures("cluster")
def test_a_broken_file_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    write_folder(tmp_path / "data", make_table())
    (tmp_path / "data" / "part_3.parquet").write_bytes(b"PAR1 broken PAR1")
    with pytest.raises(DataError, match=r"part_3\.parquet: the Parquet file cannot be read"):
        on_ray.predict_on_ray(
            LargeInput((str(tmp_path / "data"),)), str(tmp_path / "forecasts"), model=open_base_model(), request=REQUEST
        )
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.usefixtures("cluster")
def test_bytes_that_differ_from_their_checksum_are_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    content = (FILES / "arrow_checksums_1.parquet").read_bytes()
    broken = bytearray(content)
    broken[broken.index(struct.pack("<d", 87.9)) + 5] ^= 1
    (tmp_path / "data").mkdir()
    for name, data in (("part_0", content), ("part_1", bytes(broken))):
        (tmp_path / "data" / f"{name}.parquet").write_bytes(data)
    large = LargeInput((str(tmp_path / "data"),), ReadOptions(ids=("shop",)))
    words = r"part_1\.parquet: .* \(bytes of the column 'sales' are not those of their checksum\)"
    with pytest.raises(DataError, match=words):
        on_ray.predict_on_ray(large, str(tmp_path / "forecasts"), model=open_base_model(), request=REQUEST)
    assert "Traceback" not in capfd.readouterr().err, "one message says what is wrong"


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda table: table.rename(columns={"sales": "amount"}), "part_1.parquet: no column 'sales'"),
        (lambda table: table.assign(sales=table["sales"].astype(str)), "part_1.parquet, column 'sales': its type is"),
    ],
)
def test_a_file_with_other_columns_or_types_is_named(tmp_path: Path, change: Any, words: str) -> None:
    table = make_table()
    write_folder(tmp_path / "data", table)
    change(table.head(100)).to_parquet(tmp_path / "data" / "part_1.parquet", index=False)
    reading = ReadOptions(ids=("item",), time="month", target="sales")
    with pytest.raises(DataError, match=re.escape(words)):
        on_ray.predict_on_ray(
            LargeInput((str(tmp_path / "data"),), reading),
            str(tmp_path / "forecasts"),
            model=open_base_model(),
            request=REQUEST,
        )
    assert not (tmp_path / "forecasts").exists()


@pytest.mark.usefixtures("cluster")
def test_a_folder_of_another_run_is_left_alone(tmp_path: Path) -> None:
    write_folder(tmp_path / "data", make_table())
    (tmp_path / "forecasts").mkdir()
    (tmp_path / "forecasts" / "part-1.parquet").write_bytes(b"")
    with pytest.raises(UsageError, match="not empty"):
        on_ray.predict_on_ray(
            LargeInput((str(tmp_path / "data"),)), str(tmp_path / "forecasts"), model=open_base_model(), request=REQUEST
        )


@pytest.mark.usefixtures("cluster")
def test_data_and_forecasts_may_be_on_storage_that_has_an_address(tmp_path: Path) -> None:
    table = make_table()
    write_folder(tmp_path / "data", table)
    model, output = open_base_model(), (tmp_path / "forecasts").as_uri()
    on_ray.predict_on_ray(LargeInput(((tmp_path / "data").as_uri(),)), output, model=model, request=REQUEST)
    assert (tmp_path / "forecasts" / "_SUCCESS").exists()
    found = pd.concat([pd.read_parquet(file) for file in (tmp_path / "forecasts").glob("*.parquet")])
    assert len(found) == len(model.predict(table))
    with pytest.raises(UsageError, match="not empty"):
        on_ray.predict_on_ray(LargeInput(((tmp_path / "data").as_uri(),)), output, model=model, request=REQUEST)


def test_an_address_where_no_cluster_runs_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path / "data", make_table())
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", lambda **_: (_ for _ in ()).throw(ConnectionError("no cluster at 10.0.0.1")))
    with pytest.raises(ConfigurationError, match="RAY_ADDRESS"):
        on_ray.predict_on_ray(
            LargeInput((str(tmp_path / "data"),)), str(tmp_path / "forecasts"), model=open_base_model(), request=REQUEST
        )
