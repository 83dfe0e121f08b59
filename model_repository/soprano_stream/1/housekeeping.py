"""What must not run in the engine's loop, since every call into Triton is a round trip: cancellations and metrics."""

import threading
from collections.abc import Sequence
from typing import Any

import triton_python_backend_utils as pb_utils
from answer import AnswerSenders

from engine.client import EngineClient
from engine.observations import Quantity
from engine.speech import SAMPLE_RATE
from engine.statistics import Statistics

_INTERVAL = 0.05
_MOST_OBSERVATIONS = 100
"""Passed on in one round, so that a burst of them does not keep the cancellations waiting."""

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_RATIO = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)


class Housekeeping:
    """The thread `housekeeping`: asks for cancellations and exports metrics, twenty times a second."""

    def __init__(self, engine: EngineClient, senders: AnswerSenders) -> None:
        self._engine = engine
        self._senders = senders
        self._metrics = EngineMetrics()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(_INTERVAL):
            for task in (self._senders.cancel_where_asked, self._export):
                try:
                    task()
                except Exception as error:  # the next round may go well, and cancellations depend on it
                    pb_utils.Logger.log_error(f"housekeeping failed: {error!r}")

    def _export(self) -> None:
        self._metrics.export(self._engine.statistics())
        for quantity, value in self._engine.observations.take(_MOST_OBSERVATIONS):
            self._metrics.observe(quantity, value)


class EngineMetrics:
    """The engine's figures on Triton's metrics port."""

    def __init__(self) -> None:
        self._gauges = {
            "slots": _Metric("soprano_slots", "Sentences that can be spoken at once", pb_utils.MetricFamily.GAUGE),
            "active_slots": _Metric(
                "soprano_active_slots", "Sentences that are being spoken", pb_utils.MetricFamily.GAUGE
            ),
            "open_requests": _Metric("soprano_open_requests", "Requests in the engine", pb_utils.MetricFamily.GAUGE),
            "waiting_requests": _Metric(
                "soprano_waiting_requests", "Requests with no sentence in a slot yet", pb_utils.MetricFamily.GAUGE
            ),
            "active_streams": _Metric("soprano_active_streams", "Active streams", pb_utils.MetricFamily.GAUGE),
            "stream_capacity": _Metric(
                "soprano_stream_capacity",
                "Streams that this machine can currently serve in real time",
                pb_utils.MetricFamily.GAUGE,
            ),
        }
        self._counters = {
            name: _Metric(f"soprano_{name}_total", description, pb_utils.MetricFamily.COUNTER)
            for name, description in {
                "requests": "Requests taken in",
                "completed": "Requests spoken to their end",
                "cancelled": "Requests cancelled by their client",
                "timed_out": "Requests ended because none of their audio was made in time",
                "failed": "Requests that the engine could not finish",
                "rejected": "Requests refused because the engine was full",
                "retries": "Sentences made anew after going wrong",
                "truncated": "Sentences that ended at the token limit or hallucinating, with every retry",
                "silent": "Sentences without any sound, with every retry, which were skipped",
                "step_failures": "Steps that raised",
                "restarts": "Engines that died and were replaced",
                "quarantined": "Requests refused for good, since the engine died twice while it spoke them",
                "tokens": "Tokens drawn",
                "audio_seconds": "Seconds of audio handed over",
            }.items()
        }
        self._histograms = {
            quantity: _Histogram(f"soprano_{quantity.value}", description, buckets)
            for quantity, description, buckets in (
                (Quantity.QUEUE, "From a request's arrival until its first sentence has a slot", _LATENCY),
                (Quantity.FIRST_AUDIO, "From the arrival of a streamed request until its first audio", _LATENCY),
                (Quantity.REAL_TIME_FACTOR, "Seconds until the last audio for each second of audio", _RATIO),
                (Quantity.CANCEL, "From a client's leaving, or just before, until its slots are free", _LATENCY),
            )
        }

    def observe(self, quantity: Quantity, value: float) -> None:
        """Add what one request took."""
        self._histograms[quantity].observe(value)

    def export(self, statistics: Statistics) -> None:
        """Bring the metrics up to date."""
        for name, metric in self._gauges.items():
            metric.set(getattr(statistics, name))
        counts = vars(statistics.counters) | {
            "rejected": statistics.rejected,
            "restarts": statistics.restarts,
            "audio_seconds": statistics.counters.audio_samples / SAMPLE_RATE,
        }
        for name, metric in self._counters.items():
            metric.raise_to(counts[name])


class _Metric:
    """One metric; calls Triton only when its value changes. Keeps its family alive, which Triton does not."""

    def __init__(self, name: str, description: str, kind: Any) -> None:
        self._family = pb_utils.MetricFamily(name=name, description=description, kind=kind)
        self._metric = self._family.Metric(labels={})
        self._value = 0.0

    def set(self, value: float) -> None:
        if value != self._value:
            self._metric.set(value)
            self._value = value

    def raise_to(self, value: float) -> None:
        if value > self._value:
            self._metric.increment(value - self._value)
            self._value = value


class _Histogram:
    """One histogram. Keeps its family alive, which Triton does not."""

    def __init__(self, name: str, description: str, buckets: Sequence[float]) -> None:
        self._family = pb_utils.MetricFamily(name=name, description=description, kind=pb_utils.MetricFamily.HISTOGRAM)
        self._metric = self._family.Metric(labels={}, buckets=list(buckets))

    def observe(self, value: float) -> None:
        self._metric.observe(value)
