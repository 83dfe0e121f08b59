"""Upstream's own server, unchanged, with a given checkpoint instead of a downloaded one.

    python perf/servers/upstream_app.py CHECKPOINT PORT [DEVICE]

Listens on 127.0.0.1 until SIGTERM. POST /v1/audio/speech {"input": "…"} returns one WAV file.
"""

import sys
from functools import partial
from pathlib import Path


def main(checkpoint: str, port: int, device: str = "auto") -> None:
    """Serve."""
    if not Path(checkpoint, "config.json").is_file():
        # Otherwise upstream would look for a repository of that name on the hub.
        sys.exit(f"{checkpoint} is not a checkpoint: name a directory that contains config.json")
    import soprano.tts
    import uvicorn

    # The server constructs its `SopranoTTS(cache_size_mb=100)` while it is imported.
    soprano.tts.SopranoTTS = partial(soprano.tts.SopranoTTS, model_path=checkpoint, device=device)
    from soprano.server import app

    uvicorn.run(app, host="127.0.0.1", port=port)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
