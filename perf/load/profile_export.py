"""Reads what perf_analyzer leaves behind with `--profile-export-file`: every request, its answers and their times.

The file holds each sample of the audio as text, some 170 to 190 KB for a second. Only their number is of interest, so
the samples are counted where they lie, in a file that is mapped and not read, at 0.5 GB a second or more; what is left
is parsed as JSON. In memory stands one answer's audio at a time, as text.
"""

import json
import mmap
from pathlib import Path
from typing import Any

from perf.load.outcome import Fate, Outcome
from perf.load.perf_analyzer_errors import UnreadableExport
from perf.stream import Arrival, Stream

_AUDIO = b'"audio":['  # in a text of a request or an answer, the quotes would stand behind backslashes
_NANOSECONDS = 1e9


def read_outcomes(file: Path) -> list[Outcome]:
    """Return the requests of all experiments in `file`, in the order in which they were sent.

    Times are in seconds since 1970, as perf_analyzer's machine saw them. The model's outputs must be named `audio` and
    `sample_rate`; others do not matter. A request that was answered without any audio has failed; one that was answered
    with an error does not appear at all. Raises `UnreadableExport`.
    """
    try:
        experiments = json.loads(_with_samples_counted(file))["experiments"]
        outcomes = [_outcome(request) for experiment in experiments for request in experiment["requests"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UnreadableExport(
            f"{file} is no complete profile export of a model with the outputs audio and sample_rate "
            f"({type(error).__name__}: {error}): see that the disk is not full, and which model was asked"
        ) from error
    return sorted(outcomes, key=lambda outcome: outcome.sent)


def _with_samples_counted(file: Path) -> bytes:
    """Return the content with every list of samples replaced by a list of one number: how many there were."""
    reduced = bytearray()
    position = 0
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        while (begin := content.find(_AUDIO, position)) >= 0:
            begin += len(_AUDIO)
            end = content.find(b"]", begin)
            if end < 0:
                raise ValueError("it ends in the middle of audio")
            reduced += content[position:begin]
            reduced += b"%d" % (content[begin:end].count(b",") + 1)
            position = end
        reduced += content[position:]
    return bytes(reduced)


def _outcome(request: dict[str, Any]) -> Outcome:
    sent = request["timestamp"] / _NANOSECONDS
    times = [time / _NANOSECONDS for time in request["response_timestamps"]]
    arrivals = tuple(
        Arrival(time, samples / output["sample_rate"])
        for time, output in zip(times, request["response_outputs"], strict=True)
        if (samples := _samples(output["audio"]))
    )
    if not arrivals:
        return Outcome(sent, times[-1] if times else sent, Fate.FAILED)
    return Outcome(sent, times[-1], Fate.SPOKEN, Stream(sent, arrivals))


def _samples(audio: object) -> int:
    """Return the number of samples in an answer.

    perf_analyzer writes a list only for two or more. What comes with the end of a stream and no audio is written as an
    empty text or, by older versions, as a number out of nowhere; hence a number is never taken for a sample.
    """
    if not isinstance(audio, list):
        return 0
    (samples,) = audio
    return int(samples)
