"""Raw samples as they are made, to standard output: a player starts before the speech is complete.

    pip install httpx
    python examples/stream_to_player.py "Heard while it is made." | aplay -f S16_LE -r 24000

Shows the HTTP request itself. A clip that fails after it has begun is cut: httpx then raises `RemoteProtocolError`.
"""

import os
import sys
import time

import httpx


def main(text: str) -> None:
    """Write 16-bit mono samples at 24 kHz, and say on standard error when the first came."""
    url = os.environ.get("SOPRANO_URL", "http://127.0.0.1:8080")
    key = os.environ.get("SOPRANO_API_KEY", "none")
    body = {"model": "soprano", "voice": "soprano", "input": text, "response_format": "pcm"}
    began = time.monotonic()
    samples = 0
    with httpx.stream(
        "POST", f"{url}/v1/audio/speech", json=body, headers={"Authorization": f"Bearer {key}"}, timeout=90
    ) as response:
        if response.is_error:
            sys.exit(f"{response.status_code}: {response.read().decode()}")
        for chunk in response.iter_raw():
            if not samples:
                print(f"first audio after {time.monotonic() - began:.3f} s", file=sys.stderr)
            samples += len(chunk) // 2
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
    print(f"{samples / 24000:.2f} s of audio after {time.monotonic() - began:.3f} s", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
