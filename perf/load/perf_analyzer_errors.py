"""What goes wrong with NVIDIA's perf_analyzer.

PerfAnalyzerError
├── PerfAnalyzerNotFound   it is not on this machine and cannot be set up, or it does not run here
├── RunFailed              a run ended without what was asked of it
└── UnreadableExport       a file is no complete profile export with audio in it
"""


class PerfAnalyzerError(Exception):
    """Base of these errors: `str()` says what is wrong and what to do."""


class PerfAnalyzerNotFound(PerfAnalyzerError):
    """There is no perf_analyzer that runs on this machine, nor a way to set one up."""


class RunFailed(PerfAnalyzerError):
    """perf_analyzer gave up, took too long, or did not measure every request; nothing of it is left running."""


class UnreadableExport(PerfAnalyzerError):
    """A profile export is missing, cut off, or without audio."""
