"""The time of each sentence of a clip, as JSON or as subtitles."""

import html
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from launch.errors import InvalidSetting
from launch.say.events import Sentence

Layout = Callable[[Sequence[Sentence]], str]


def layout_of(path: Path) -> Layout:
    """Return the layout for the extension of `path`. Raises `InvalidSetting`."""
    layout = _LAYOUTS.get(path.suffix.lower())
    if layout is None:
        raise InvalidSetting(f"--timestamps is for a file that ends in {', '.join(_LAYOUTS)}, not {path.name!r}")
    return layout


def as_json(sentences: Sequence[Sentence]) -> str:
    """JSON with all fields: the words, their positions in the text, and their seconds."""
    return json.dumps({"sentences": [asdict(each) for each in sentences]}, ensure_ascii=False, indent=2) + "\n"


def as_srt(sentences: Sequence[Sentence]) -> str:
    """SubRip subtitles."""
    return "\n".join(
        f"{number}\n{_clock(each.start, ',')} --> {_clock(each.end, ',')}\n{_one_line(each.text)}\n"
        for number, each in enumerate(sentences, start=1)
    )


def as_vtt(sentences: Sequence[Sentence]) -> str:
    """WebVTT subtitles."""
    cues = (
        f"{_clock(each.start, '.')} --> {_clock(each.end, '.')}\n{html.escape(_one_line(each.text), quote=False)}\n"
        for each in sentences
    )
    return "\n".join(["WEBVTT\n", *cues])


_LAYOUTS = {".json": as_json, ".srt": as_srt, ".vtt": as_vtt}


def _clock(seconds: float, point: str) -> str:
    """Hours, minutes, seconds and, after `point`, milliseconds."""
    rest, milliseconds = divmod(round(seconds * 1000), 1000)
    rest, whole_seconds = divmod(rest, 60)
    hours, minutes = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}:{whole_seconds:02}{point}{milliseconds:03}"


def _one_line(text: str) -> str:
    """The words without line breaks, because an empty line would end the subtitle."""
    return " ".join(text.split())
