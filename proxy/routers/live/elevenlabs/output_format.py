"""ElevenLabs' names for output formats: codec, sample rate and, for lossy ones, kilobits per second."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from proxy.audio.formats import AUDIO_FORMATS, AudioFormat, FormatName
from proxy.errors import InvalidValue

DEFAULT = "mp3_44100_128"


@dataclass(frozen=True)
class OutputFormat:
    """A format by our name, and its encoding."""

    name: FormatName
    encoding: AudioFormat


def output_format(name: str | None) -> OutputFormat:
    """The format that ElevenLabs calls `name`. Raises `InvalidValue`."""
    try:
        return OUTPUT_FORMATS[name or DEFAULT]
    except KeyError:
        known = ", ".join(OUTPUT_FORMATS)
        raise InvalidValue("output_format", f"there is no format '{name}'. Use one of: {known}.") from None


def _formats() -> Iterator[tuple[str, OutputFormat]]:
    for rate, kilobits in ((22050, (32,)), (24000, (48,)), (44100, (32, 64, 96, 128, 192))):
        for each in kilobits:
            yield f"mp3_{rate}_{each}", _lossy("mp3", rate, each)
    yield "mp3_44100", _lossy("mp3", 44100, 128)
    for rate in (8000, 16000, 22050, 24000, 32000, 44100, 48000):
        yield f"pcm_{rate}", OutputFormat("pcm", AUDIO_FORMATS["pcm"].with_rate(rate))
        yield f"wav_{rate}", OutputFormat("wav", AUDIO_FORMATS["wav"].with_rate(rate))
    yield "ulaw_8000", OutputFormat("pcmu", AUDIO_FORMATS["pcmu"])
    yield "alaw_8000", OutputFormat("pcma", AUDIO_FORMATS["pcma"])
    for each in (32, 64, 96, 128, 192):
        yield f"opus_48000_{each}", _lossy("opus", 48000, each)


def _lossy(name: FormatName, rate: int, kilobits: int) -> OutputFormat:
    return OutputFormat(name, replace(AUDIO_FORMATS[name].with_rate(rate), bit_rate=kilobits * 1000))


OUTPUT_FORMATS: Mapping[str, OutputFormat] = dict(_formats())
"""Every format by ElevenLabs' name for it."""
