"""The experiments as one program.

.venv/bin/python -m perf --help
.venv/bin/python -m perf server --quick
"""

from pathlib import Path
from typing import Annotated

import typer

from perf.command import end, experiment
from perf.experiments import (
    chaos,
    engine,
    failover,
    gpu,
    host,
    kernels,
    live,
    proxy,
    proxy_streams,
    server,
    soak,
    sweep,
    text_fuzz,
    text_reading,
)
from perf.report.server_page import make_report

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
app.command("server")(server.main)
app.command("sweep")(sweep.main)
app.command("engine")(engine.main)
app.command("host")(host.main)
app.command("gpu")(gpu.main)
app.command("kernels")(kernels.main)
app.command("proxy")(proxy.main)
app.command("proxy-streams")(proxy_streams.main)
app.command("failover")(failover.main)
app.command("live")(live.main)
app.command("chaos")(chaos.main)
app.command("soak")(soak.main)
app.command("text")(text_reading.main)
app.command("text-fuzz")(text_fuzz.main)


@app.command()
def report(
    directory: Annotated[Path, typer.Argument(help="The directory of load.json and, if it exists, tuning.json.")],
) -> None:
    """Make the plots and the page of `server` and `sweep` again from the JSON in DIRECTORY."""
    with experiment():
        end(make_report(directory))


if __name__ == "__main__":
    app()
