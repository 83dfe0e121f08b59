"""The proxy's metrics, for Prometheus."""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from proxy.request_record import Ending, RequestRecord
from proxy.shared_metrics import expose_all_workers
from proxy.worker_table import WorkerTable

CONTENT_TYPE = CONTENT_TYPE_LATEST

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_REAL_TIME_FACTOR = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)


class Metrics:
    """The metrics of one application, in a registry of its own; those of all workers of `table` are exposed."""

    def __init__(self, table: WorkerTable | None = None) -> None:
        registry = self._exposed = CollectorRegistry()
        PlatformCollector(registry=registry)
        if table is None or table.workers == 1:
            ProcessCollector(registry=registry)
        else:
            expose_all_workers(table, registry)
            registry = CollectorRegistry()
        self._requests = Counter(
            "soprano_proxy_requests",
            "Requests by status; 499 means that the client disconnected before it had a response",
            ("route", "status", "format"),
            registry=registry,
        )
        self._first_audio = Histogram(
            "soprano_proxy_first_audio_seconds",
            "Seconds from a request's arrival until its first audio was sent",
            ("format",),
            buckets=_LATENCY,
            registry=registry,
        )
        self._first_sound = Histogram(
            "soprano_proxy_first_sound_seconds",
            "Seconds from a request's arrival until somebody who plays the clip as it comes hears its first sound",
            ("format",),
            buckets=_LATENCY,
            registry=registry,
        )
        self._real_time_factor = Histogram(
            "soprano_proxy_real_time_factor",
            "Seconds to make one second of audio; below 1 is faster than playback",
            buckets=_REAL_TIME_FACTOR,
            registry=registry,
        )
        self._audio = Counter(
            "soprano_proxy_audio_seconds", "Seconds of audio that were sent", ("format",), registry=registry
        )
        self._cancelled = Counter(
            "soprano_proxy_cancelled",
            "Clips cancelled because the client left or stopped reading",
            ("reason",),
            registry=registry,
        )
        self._cut = Counter("soprano_proxy_cut", "Clips that failed after audio was sent", registry=registry)
        self._cancel = Histogram(
            "soprano_proxy_cancel_seconds",
            "Seconds from a client's disconnection until its synthesis was cancelled",
            buckets=_LATENCY,
            registry=registry,
        )
        self.failovers = Counter(
            "soprano_proxy_failovers",
            "Second and further attempts for clips that Triton could not begin or lost before any audio was sent",
            registry=registry,
        )
        self._warnings = Counter(
            "soprano_proxy_sentence_warnings",
            "Sentences that were not spoken completely, by what went wrong",
            ("code",),
            registry=registry,
        )
        self.in_flight = Gauge(
            "soprano_proxy_in_flight", "Clips in progress", registry=registry, multiprocess_mode="livesum"
        )
        self.buffered_bytes = Gauge(
            "soprano_proxy_buffered_bytes",
            "Bytes of audio that wait to be sent to clients",
            registry=registry,
            multiprocess_mode="livesum",
        )

    def observe(self, record: RequestRecord) -> None:
        """Count a request that has ended."""
        self._requests.labels(record.route, str(record.status), record.format).inc()
        if record.first_audio_seconds is not None:
            self._first_audio.labels(record.format).observe(record.first_audio_seconds)
            self._audio.labels(record.format).inc(record.audio_seconds)
        if record.first_sound_seconds is not None:
            self._first_sound.labels(record.format).observe(record.first_sound_seconds)
        match record.ending:
            case Ending.LEFT | Ending.STALLED:
                self._cancelled.labels(str(record.ending)).inc()
            case Ending.CUT:
                self._cut.inc()
            case Ending.COMPLETE if record.audio_seconds and not record.live:
                self._real_time_factor.observe(record.seconds / record.audio_seconds)
        self.failovers.inc(record.retried)
        for code in record.warnings:
            self._warnings.labels(code).inc()
        if record.cancel_seconds is not None:
            self._cancel.observe(record.cancel_seconds)

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._exposed)
