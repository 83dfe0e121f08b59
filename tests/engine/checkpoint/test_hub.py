"""Downloads from a stand-in hub: real HTTP, a real cache, and a new process for each, as the settings require."""

import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.checkpoint.files import DEFAULT_CHECKPOINT, KNOWN
from engine.checkpoint.hub import OPTIONAL_FILES, REQUIRED_FILES
from tests.engine.checkpoint.hub_server import COMMIT, HubServer, Refusal
from tests.engine.machine import Machine

FILES = {name: random.Random(name).randbytes(3000) for name in (*REQUIRED_FILES, *OPTIONAL_FILES)}
FILES["model.safetensors"] = random.Random(1).randbytes(3_000_000)

FETCH = """
import logging, os, sys
from engine.checkpoint import download_log
from engine.errors import CheckpointError, CheckpointUnavailable
from engine.checkpoint.hub import HUB_TIMEOUT, fetch
from engine.checkpoint.time_limit import MinimumRate

logging.basicConfig(format="%(levelname)s %(message)s", level="INFO")
for name in ("httpx", "httpx2"):
    logging.getLogger(name).setLevel("WARNING")
download_log.INTERVAL = float(os.environ.get("LOG_INTERVAL", download_log.INTERVAL))
repo_id, revision, progress = sys.argv[1:]
try:
    timeout = float(os.environ.get("TIMEOUT", HUB_TIMEOUT))
    rate = MinimumRate(float(os.environ["LEAST_BYTES"]), 1.0) if "LEAST_BYTES" in os.environ else None
    options = {"progress": progress == "True", "timeout": timeout, "minimum_rate": rate}
    print(fetch(repo_id, revision=revision or None, **options))
except CheckpointError as error:
    print(error)
    sys.exit(3 if isinstance(error, CheckpointUnavailable) else 4)
"""


@dataclass(frozen=True)
class Fetched:
    """The result of a fetch: the snapshot's directory or the error, and the log."""

    snapshot: Path
    error: str
    log: str
    unavailable: bool = False

    @property
    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.snapshot.iterdir()}


class FetchingMachine(Machine):
    """A machine that fetches checkpoints."""

    def fetch(
        self,
        repo_id: str = DEFAULT_CHECKPOINT,
        revision: str = "",
        *,
        progress: bool = False,
        before: tuple[str, ...] = (),
        **settings: str,
    ) -> Fetched:
        result = self.run(FETCH, repo_id, revision, str(progress), before=before, **settings)
        assert result.returncode in (0, 3, 4), result.stderr
        assert result.stdout.count("\n") == 1
        line = result.stdout.strip()
        if result.returncode:
            return Fetched(Path("/nowhere"), line, result.stderr, unavailable=result.returncode == 3)
        return Fetched(Path(line), "", result.stderr)

    def leftovers(self) -> list[Path]:
        return list(self.home.rglob("*.incomplete"))


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[FetchingMachine]:
    with HubServer(DEFAULT_CHECKPOINT, {**FILES, "README.md": b"# Soprano", "soprano.onnx": b"large"}) as hub:
        yield FetchingMachine(tmp_path, hub)


def test_the_snapshot_holds_the_files_of_a_checkpoint_and_no_others(machine: FetchingMachine) -> None:
    fetched = machine.fetch()
    assert fetched.files == FILES
    assert fetched.snapshot.is_relative_to(machine.home / "hf")
    assert not machine.leftovers()


def test_the_default_is_known() -> None:
    assert DEFAULT_CHECKPOINT in KNOWN


def test_optional_files_may_be_missing(machine: FetchingMachine) -> None:
    for name in OPTIONAL_FILES:
        del machine.hub.files[name]
    assert set(machine.fetch().files) == set(REQUIRED_FILES)


def test_a_second_fetch_transfers_no_file_again(machine: FetchingMachine) -> None:
    machine.fetch()
    machine.hub.requests.clear()
    assert machine.fetch().files == FILES
    assert not [request for request in machine.hub.requests if "/resolve/" in request]


def test_a_revision_is_fetched_by_its_commit(machine: FetchingMachine) -> None:
    assert machine.fetch(revision=COMMIT).files == FILES
    assert machine.fetch(revision="main").snapshot.name == COMMIT


def test_progress_is_told_only_on_demand(machine: FetchingMachine) -> None:
    assert machine.fetch(progress=False).log == ""
    shutil.rmtree(machine.home / "hf")
    assert machine.fetch(progress=True).log == "INFO fetched all 3.02MB\n"


def test_nothing_is_told_where_nothing_is_fetched(machine: FetchingMachine) -> None:
    machine.fetch()
    assert machine.fetch(progress=True).log == ""


def test_progress_is_told_of_all_that_is_not_here_yet(machine: FetchingMachine) -> None:
    machine.hub.files["decoder.pth"] = random.Random(3).randbytes(2_000_000)
    log = machine.fetch(progress=True, LOG_INTERVAL="0").log
    *so_far, end = log.splitlines()
    assert all(re.fullmatch(r"INFO fetched [\d.]+k?M?B of 5.01MB so far", line) for line in so_far)
    assert so_far[-1] == "INFO fetched 5.01MB of 5.01MB so far"
    assert end == "INFO fetched all 5.01MB"
    for path in (machine.home / "hf").rglob("*"):
        if path.is_file() and path.stat().st_size == 2_000_000:
            path.unlink()
    assert " of 2.00MB so far" in machine.fetch(progress=True, LOG_INTERVAL="0").log


def test_progress_is_told_by_a_hub_that_does_not_tell_sizes(machine: FetchingMachine) -> None:
    machine.hub.tells_sizes = False
    log = machine.fetch(progress=True, LOG_INTERVAL="0").log
    assert "INFO fetched 3.02MB so far" in log.splitlines()


# Failures of the hub


def test_a_cut_connection_resumes_where_it_was(machine: FetchingMachine) -> None:
    """Up to the last 256 KiB, which are buffered before they are written."""
    weights = random.Random(2).randbytes(2**20)
    machine.hub.files["model.safetensors"] = weights
    machine.hub.cuts["model.safetensors"] = 2**19 + 100
    assert machine.fetch().files == {**FILES, "model.safetensors": weights}
    ranges = [request.partition("bytes=")[2] for request in machine.hub.requests if "bytes=" in request]
    assert ranges == [f"{2**19}-"]


def test_a_hub_below_the_minimum_rate_is_given_up(machine: FetchingMachine) -> None:
    """Nothing waits for the rest of the download, not even the end of the process."""
    machine.hub.crawls["model.safetensors"] = 1
    fetched = machine.fetch(LEAST_BYTES="100_000")
    assert re.search(r"could not be fetched from http://.* \(only [\d.]+k?B came in 1 seconds\)", fetched.error)
    assert fetched.unavailable


def test_a_hub_above_the_minimum_rate_is_not_given_up(machine: FetchingMachine) -> None:
    machine.hub.crawls["model.safetensors"] = 100_000
    assert machine.fetch(LEAST_BYTES="100_000").files == FILES


def test_without_a_minimum_rate_a_slow_hub_is_waited_for_with_log_lines(machine: FetchingMachine) -> None:
    machine.hub.files["model.safetensors"] = random.Random(1).randbytes(30_000)
    machine.hub.crawls["model.safetensors"] = 1_500
    log = machine.fetch(progress=True, LOG_INTERVAL="0.4").log
    assert len(re.findall(r"INFO fetched 3.00kB of 48.0kB so far", log)) >= 2, "also while no file is complete"
    assert log.endswith("INFO fetched all 48.0kB\n")


def test_a_commit_that_is_here_is_not_asked_of_a_hub(machine: FetchingMachine) -> None:
    snapshot = machine.fetch(revision=COMMIT).snapshot
    machine.hub.requests.clear()
    assert machine.fetch(revision=COMMIT).snapshot == snapshot
    assert not machine.hub.requests


def test_after_a_fetch_that_failed_in_the_middle_the_next_one_succeeds(machine: FetchingMachine) -> None:
    machine.hub.cuts["model.safetensors"] = 1_000_000
    machine.hub.after_cut = Refusal(403)
    assert f"{machine.hub.endpoint} refuses access to {DEFAULT_CHECKPOINT} (403)" in machine.fetch().error
    assert not machine.leftovers()
    machine.hub.refusal = None
    assert machine.fetch().files == FILES


def test_a_checkpoint_that_was_only_half_fetched_is_not_used_without_a_hub(machine: FetchingMachine) -> None:
    machine.hub.cuts["model.safetensors"] = 1_000_000
    machine.hub.after_cut = Refusal(403)
    machine.fetch()
    assert "could not be fetched" in machine.fetch(HF_ENDPOINT="http://127.0.0.1:1").error
    assert "has no complete copy" in machine.fetch(HF_HUB_OFFLINE="1").error


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        (Refusal(404, "RepoNotFound"), "has no repository ekwek/Soprano-1.1-80M, or it is private. Check the name"),
        (
            Refusal(401, "RepoNotFound"),
            "has no repository .*, or it is private.* set HF_TOKEN to a token that may read",
        ),
        (Refusal(401), r"refuses access to ekwek/Soprano-1.1-80M \(401\). Set HF_TOKEN"),
        (Refusal(401, spares="/api/"), r"refuses access to ekwek/Soprano-1.1-80M \(401\). Set HF_TOKEN"),
        (Refusal(403), r"refuses access to ekwek/Soprano-1.1-80M \(403\). Set HF_TOKEN"),
        (Refusal(403, spares="/api/"), r"refuses access to ekwek/Soprano-1.1-80M \(403\). Set HF_TOKEN"),
        (Refusal(403, "GatedRepo"), "is gated. Accept its terms at http://.* and set HF_TOKEN"),
        (Refusal(403, "GatedRepo", spares="/api/"), "is gated. Accept its terms at http://.* and set HF_TOKEN"),
        (Refusal(500), "could not be fetched from http://.*500.* Try again, set HF_ENDPOINT"),
        (Refusal(200), "could not be fetched from http://.* Try again, set HF_ENDPOINT"),
    ],
)
def test_a_refusal_is_explained(machine: FetchingMachine, refusal: Refusal, message: str) -> None:
    machine.hub.refusal = refusal
    fetched = machine.fetch()
    assert re.search(message, fetched.error)
    assert fetched.unavailable


def test_an_unknown_repository_is_named_with_the_known_ones(machine: FetchingMachine) -> None:
    error = machine.fetch("someone/else").error
    assert "has no repository someone/else" in error
    assert all(name in error for name in KNOWN)


def test_an_unknown_revision_is_named(machine: FetchingMachine) -> None:
    assert "has no revision 'v9'" in machine.fetch(revision="v9").error


def test_a_repository_without_a_decoder_is_refused_before_anything_large_is_fetched(machine: FetchingMachine) -> None:
    del machine.hub.files["decoder.pth"]
    assert "is not a Soprano checkpoint: it has no decoder.pth" in machine.fetch().error
    assert not [request for request in machine.hub.requests if "/resolve/" in request]


@pytest.mark.parametrize("name", ["", "two words/name", "a/b/c", "..", "--"])
def test_a_name_that_no_repository_can_have_is_refused(machine: FetchingMachine, name: str) -> None:
    fetched = machine.fetch(name)
    assert f"{name!r} is neither a directory nor the name of a repository" in fetched.error
    assert not fetched.unavailable


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1", "nonsense"])
def test_without_a_hub_the_error_names_it_and_the_remedies(machine: FetchingMachine, endpoint: str) -> None:
    fetched = machine.fetch(HF_ENDPOINT=endpoint)
    assert f"could not be fetched from {endpoint} (" in fetched.error
    assert "HF_ENDPOINT" in fetched.error
    assert "name `builtin`" in fetched.error
    assert fetched.unavailable


def test_a_hub_that_stays_silent_is_given_up(machine: FetchingMachine) -> None:
    machine.hub.silence = 60
    assert "(no answer within 0.5 seconds)" in machine.fetch(TIMEOUT="0.5").error


def test_a_hub_that_stays_silent_is_not_needed_for_the_cached_copy(machine: FetchingMachine) -> None:
    snapshot = machine.fetch().snapshot
    machine.hub.silence = 60
    assert machine.fetch(TIMEOUT="0.5").snapshot == snapshot


def test_without_a_hub_the_cached_copy_is_used_and_the_log_says_so(machine: FetchingMachine) -> None:
    snapshot = machine.fetch().snapshot
    fetched = machine.fetch(HF_ENDPOINT="http://127.0.0.1:1")
    assert fetched.snapshot == snapshot
    assert f"WARNING Using the copy of {DEFAULT_CHECKPOINT} in {snapshot}" in fetched.log


@pytest.mark.parametrize("listing", [True, False], ids=["listed", "not listed"])
def test_a_cached_copy_that_lost_a_file_is_not_used(machine: FetchingMachine, *, listing: bool) -> None:
    """Whether or not the cache holds the repository's listing, which older versions of huggingface_hub do not keep."""
    (machine.fetch().snapshot / "decoder.pth").unlink()
    if not listing:
        shutil.rmtree(next(machine.home.rglob("trees")))
    assert "could not be fetched" in machine.fetch(HF_ENDPOINT="http://127.0.0.1:1").error
    assert machine.fetch().files == FILES


def test_offline_uses_the_cached_copy_and_asks_no_hub(machine: FetchingMachine) -> None:
    snapshot = machine.fetch().snapshot
    machine.hub.requests.clear()
    fetched = machine.fetch(HF_HUB_OFFLINE="1")
    assert fetched.snapshot == snapshot
    assert f"INFO Using the copy of {DEFAULT_CHECKPOINT}" in fetched.log
    assert not machine.hub.requests


def test_offline_without_a_cached_copy_names_the_setting(machine: FetchingMachine) -> None:
    fetched = machine.fetch(HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE is set and" in fetched.error
    assert fetched.unavailable


def test_a_token_is_sent(machine: FetchingMachine) -> None:
    machine.fetch(HF_TOKEN="hf_of_nobody")
    assert "Bearer hf_of_nobody" in machine.hub.tokens


# Failures of this machine


def test_a_limit_on_the_size_of_files_is_no_room(machine: FetchingMachine) -> None:
    limited = ("sh", "-c", 'ulimit -f 1000; exec "$@"', "sh")
    fetched = machine.fetch(before=limited)
    assert "There is no room for" in fetched.error
    assert fetched.unavailable
    assert not machine.leftovers()
    assert machine.fetch().files == FILES


@pytest.mark.skipif(
    subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode != 0,
    reason="no disk can be mounted here",
)
def test_a_full_disk_is_no_room(machine: FetchingMachine) -> None:
    (machine.home / "disk").mkdir()
    mount = 'mount -t tmpfs -o size=2m none "$HF_HOME"; exec "$@"'
    small_disk = ("unshare", "-rm", "sh", "-c", mount, "sh")
    disk = str(machine.home / "disk")
    error = machine.fetch(before=small_disk, HF_HOME=disk).error
    assert f"There is no room for {DEFAULT_CHECKPOINT} in {disk}" in error
    assert "HF_HOME" in error


def test_a_cache_that_cannot_be_written_is_named(machine: FetchingMachine) -> None:
    (machine.home / "file").touch()
    error = machine.fetch(HF_HOME=str(machine.home / "file")).error
    assert f"{DEFAULT_CHECKPOINT} cannot be stored at {machine.home / 'file'}" in error
    assert "Set HF_HOME" in error
