"""How the tests are shared among the processes of `pytest -n`."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

ROOT = Path(__file__).parents[1]
SHARED_TRITON = "triton"
"""The fixture of `tests/conftest.py` with the tritonserver that most tests share."""
USERS_OF_TRITON = (
    "tests/model_repository/test_load.py",
    "tests/model_repository/test_soprano.py",
    "tests/model_repository/test_soprano_stream.py",
    "tests/test_whole_path.py",
    "tests/test_live_path.py",
    "tests/proxy/synthesis/test_real_triton.py",
    "tests/perf/servers/test_plain_port.py",
    "tests/perf/servers/test_upstream_server.py",
    "tests/perf/load_generators/test_perf_analyzer.py",
    "tests/perf/load_generators/test_speech_load.py",
    "tests/deploy/test_dashboard.py",
    "tests/launch/triton/test_closed_routes.py",
)
"""The files of those tests. They all run in one process, so that only one server is started.

With `--dist loadgroup` a mark would be enough, but xdist 3.8 does not pass it to its scheduler with pytest 9.2.
"""
SLOW = (
    *USERS_OF_TRITON,
    "tests/launch/test_serve.py",
    "tests/engine/checkpoint/test_hub.py",
    "tests/voices/test_builtin_voice.py",
    "tests/engine/scheduling/test_rows_with_little_room.py",
    "tests/engine/scheduling/test_pauses.py",
    "tests/perf/experiments/test_server.py",
    "tests/launch/test_cli.py",
    "tests/engine/test_client.py",
    "tests/test_several_tritons.py",
    "tests/engine/test_central_properties.py",
    "tests/perf/experiments/test_proxy.py",
    "tests/perf/experiments/test_chaos.py",
    "tests/engine/runtime/test_captured_steps.py",
    "tests/engine/test_engine.py",
    "tests/launch/say/test_resuming.py",
    "tests/launch/say/test_say.py",
    "tests/text/verbalization/test_linear_time.py",
    "tests/text/structure/test_segments.py",
    "tests/text/test_sentences.py",
    "tests/perf/experiments/test_gpu.py",
    "tests/perf/experiments/test_engine.py",
    "tests/launch/triton/test_server.py",
    "tests/proxy/test_serving.py",
    "tests/voices/evaluation/test_quality.py",
    "tests/voices/evaluation/test_examination.py",
    "tests/voices/evaluation/test_recogniser.py",
    "tests/voices/evaluation/test_audio_file.py",
    "tests/launch/test_checkpoint.py",
    "tests/launch/test_end_to_end.py",
    "tests/text/test_normalization.py",
    "tests/text/test_lexicon.py",
    "tests/launch/test_text_command.py",
    "tests/proxy/responses/test_slow_reader_timeout.py",
    "tests/perf/report/test_server_report.py",
    "tests/engine/scheduling/test_step_failures.py",
    "tests/launch/say/test_pipes.py",
    "tests/engine/checkpoint/test_locate.py",
    "tests/proxy/test_slow_requests.py",
    "tests/engine/scheduling/test_sentences_gone_wrong.py",
    "tests/perf/experiments/test_soak.py",
    "tests/launch/triton/test_watchdog.py",
    "tests/perf/servers/test_model_variants.py",
    "tests/examples/test_examples.py",
    "tests/perf/load_generators/test_locustfile.py",
    "tests/proxy/responses/test_speech_interrupted.py",
    "tests/perf/load_generators/test_engine_load.py",
    "tests/engine/test_engine_process.py",
    "tests/launch/triton/test_command.py",
    "tests/proxy/responses/test_speech.py",
    "tests/perf/report/test_server_plots.py",
    "tests/voices/training/test_loop.py",
    "tests/proxy/audio/test_encoder.py",
    "tests/engine/checkpoint/test_load.py",
    "tests/proxy/responses/test_buffer_budget.py",
    "tests/proxy/routers/test_health.py",
    "tests/proxy/responses/test_events.py",
    "tests/voices/training/test_decoder.py",
    "tests/proxy/test_openapi.py",
    "tests/voices/test_pipeline.py",
    "tests/launch/say/test_terminal.py",
    "tests/launch/say/test_playing.py",
    "tests/launch/say/test_timestamps.py",
    "tests/launch/say/test_wav.py",
    "tests/proxy/test_api_keys.py",
    "tests/test_interruption.py",
    "tests/perf/load_generators/test_perf_analyzer_installation.py",
)
"""Files whose tests start servers or take more than four seconds, the longest first. They start in this order, so that
the other processes do not wait for one at the end. `make test-fast` leaves them out."""


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        # By default PyTorch starts a thread for each core, and waiting threads spin on cores that other tests need.
        # Engines set their own number of threads.
        os.environ["OMP_NUM_THREADS"] = "1"
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return ByFile(config, log)


@pytest.hookimpl(tryfirst=True)  # before `-m` is applied
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)
    for item in items:
        if _file(item.nodeid) in SLOW:
            item.add_marker(pytest.mark.slow)


def _rank(item: pytest.Item) -> int:
    file = _file(item.nodeid)
    return SLOW.index(file) if file in SLOW else len(SLOW)


def _file(nodeid: str) -> str:
    return nodeid.split("::")[0]


# Around the limit for each test, which is not for waiting.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    if not hasattr(item.config, "workerinput"):
        return (yield)
    with _turns.turn(alone=item.get_closest_marker("alone") is not None):
        return (yield)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives a process the tests of one file after the other, so that a file's fixtures are created once."""

    def _split_scope(self, nodeid: str) -> str:
        file = _file(nodeid)
        return SHARED_TRITON if file in USERS_OF_TRITON else file

    def remove_node(self, node: WorkerController) -> str | None:
        """Give the remaining tests of an ended process to others, without the one that ended it and would again."""
        units = self.assigned_work.pop(node)
        crashed = next((test for unit in units.values() for test, done in unit.items() if not done), None)
        for scope, unit in units.items():
            if crashed in unit:
                unit[crashed] = True
            if not all(unit.values()):
                self.workqueue[scope] = unit
        for other in self.assigned_work:
            self._reschedule(other)
        return crashed


class Turns:
    """Lets the tests of several processes run at the same time, and some tests alone."""

    def __init__(self, entry: Path, run: Path) -> None:
        """Use locks on two directories, which are the same in all processes and which no other program locks."""
        self._entry = os.open(entry, os.O_RDONLY)
        self._run = os.open(run, os.O_RDONLY)

    @contextmanager
    def turn(self, *, alone: bool) -> Iterator[None]:
        """Wait until no other test runs, or none that must be alone; the block then holds its place."""
        # A test that must be alone holds the entry lock while it waits, so that no other test starts meanwhile.
        fcntl.flock(self._entry, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._run, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        finally:
            fcntl.flock(self._entry, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(self._run, fcntl.LOCK_UN)


_turns = Turns(ROOT, ROOT / "tests")
