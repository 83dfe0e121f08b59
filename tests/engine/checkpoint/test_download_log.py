"""Log lines of a download: they count bytes once, and the bars themselves write nothing."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.checkpoint import download_log
from engine.checkpoint.download_log import DownloadLog


@pytest.fixture(autouse=True)
def every_step(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(download_log, "INTERVAL", 0.0)
    caplog.set_level(logging.INFO)


def test_bars_of_the_same_bytes_are_counted_once(caplog: pytest.LogCaptureFixture) -> None:
    log = DownloadLog(3_000_000)
    bars = log.bars
    arrived, written = bars(unit="B", total=0), bars(unit="B", total=0)
    arrived.update(2_000_000)
    written.update(1_000_000)
    arrived.update(1_000_000)
    log.finish()
    assert caplog.messages == [
        "fetched 2.00MB of 3.00MB so far",
        "fetched 2.00MB of 3.00MB so far",
        "fetched 3.00MB of 3.00MB so far",
        "fetched all 3.00MB",
    ]


def test_a_bar_of_files_is_not_counted(caplog: pytest.LogCaptureFixture) -> None:
    log = DownloadLog(3_000_000)
    with log.bars(total=7, desc="Fetching 7 files") as files:
        files.update(1)
    log.finish()
    assert caplog.messages == []


def test_no_line_comes_before_its_time(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_log, "INTERVAL", 60.0)
    log = DownloadLog(3_000_000)
    log.bars(unit="B").update(1_000_000)
    assert caplog.messages == []


def test_without_a_total_there_is_none_in_the_line(caplog: pytest.LogCaptureFixture) -> None:
    DownloadLog(None).bars(unit="B").update(1_000_000)
    assert caplog.messages == ["fetched 1.00MB so far"]


def test_threads_share_a_bar(caplog: pytest.LogCaptureFixture) -> None:
    log = DownloadLog(None)
    bar = log.bars(unit="B")
    with ThreadPoolExecutor(8) as executor:
        list(executor.map(lambda _: bar.update(1), range(10_000)))
    log.finish()
    assert caplog.messages[-1] == "fetched all 10.0kB"


def test_bars_draw_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with DownloadLog(None).bars(unit="B", total=3) as bar:
        bar.update(1)
        bar.set_description("Reconstruction complete")
        bar.refresh()
    assert capsys.readouterr().err == ""
