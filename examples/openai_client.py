"""Speech with OpenAI's client, written to a file while it is being made.

    pip install openai
    python examples/openai_client.py "Hello from Soprano." hello.mp3

The extension of the file chooses the format.
"""

import os
import sys
from pathlib import Path
from typing import Literal

from openai import OpenAI

Format = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]

FORMATS: dict[str, Format] = {
    ".mp3": "mp3",
    ".opus": "opus",
    ".aac": "aac",
    ".flac": "flac",
    ".wav": "wav",
    ".pcm": "pcm",
}


def connect() -> OpenAI:
    """Return a client of the server; without keys on the server, any key will do."""
    return OpenAI(
        base_url=os.environ.get("SOPRANO_URL", "http://127.0.0.1:8080") + "/v1",
        api_key=os.environ.get("SOPRANO_API_KEY", "none"),
    )


def main(text: str, path: Path) -> None:
    """Write `text` as speech to `path`, in the format of its extension, as it comes."""
    with (
        connect() as client,
        client.audio.speech.with_streaming_response.create(
            model="soprano",
            voice="soprano",
            input=text,
            response_format=FORMATS[path.suffix],
            # Fields beyond OpenAI's own: see the README.
            extra_body={"seed": 1},
        ) as response,
    ):
        response.stream_to_file(path)
        print(f"{path}: {path.stat().st_size} bytes, spoken by {response.headers['x-soprano-checkpoint']}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
