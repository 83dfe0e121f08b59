"""Upstream's own server, unchanged, on a checkpoint that is named instead of fetched.

    python perf/servers/upstream_app.py CHECKPOINT PORT [DEVICE]

Listens on 127.0.0.1 until SIGTERM. POST /v1/audio/speech {"input": "…"} answers with one WAV.
"""

import sys
from functools import partial
from pathlib import Path


def main(checkpoint: str, port: int, device: str = "auto") -> None:
    """Serve."""
    if not Path(checkpoint, "config.json").is_file():
        # Upstream would look for a repository of that name on the hub.
        sys.exit(f"{checkpoint} is no checkpoint: name a directory with config.json in it")
    import soprano.tts
    import uvicorn

    # The server constructs its `SopranoTTS(cache_size_mb=100)` while it is imported.
    soprano.tts.SopranoTTS = partial(soprano.tts.SopranoTTS, model_path=checkpoint, device=device)
    from soprano.server import app

    uvicorn.run(app, host="127.0.0.1", port=port)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
