"""Cancellations and metrics, outside the engine's loop: every call into Triton is a round trip to its process."""

import threading
from collections.abc import Sequence
from typing import Any

import triton_python_backend_utils as pb_utils
from response_dispatcher import ResponseDispatcher

from engine.client import EngineClient
from engine.observations import Quantity
from engine.speech import SAMPLE_RATE
from engine.statistics import Statistics

_INTERVAL = 0.05
_MOST_OBSERVATIONS = 100
"""Per round, so that a burst of observations does not delay the cancellations."""

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_RATIO = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)


class Housekeeping:
    """The thread `housekeeping`: forwards cancellations to the engine and exports metrics, 20 times a second."""

    def __init__(self, engine: EngineClient, dispatcher: ResponseDispatcher) -> None:
        self._engine = engine
        self._dispatcher = dispatcher
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
            for task in (self._dispatcher.forward_cancellations, self._export):
                try:
                    task()
                except Exception as error:  # cancellations depend on this thread: it has to go on
                    pb_utils.Logger.log_error(f"housekeeping failed: {error!r}")

    def _export(self) -> None:
        self._metrics.export(self._engine.statistics())
        for quantity, value in self._engine.observations.take(_MOST_OBSERVATIONS):
            self._metrics.observe(quantity, value)


class EngineMetrics:
    """The engine's statistics on Triton's metrics port."""

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
                "requests": "Requests that the engine accepted",
                "completed": "Requests that ended with their last audio",
                "cancelled": "Requests cancelled by their client",
                "timed_out": "Requests ended because no audio was decoded before the deadline",
                "failed": "Requests that the engine could not finish",
                "rejected": "Requests refused because the engine was full",
                "retries": "Sentences that were synthesised again after a failure",
                "truncated": "Sentences that reached the token limit or hallucinated in their last attempt",
                "silent": "Sentences that were skipped because the model made no sound in any attempt",
                "step_failures": "Steps that raised an exception",
                "restarts": "Engines that died and were replaced",
                "quarantined": "Requests that ended because the engine died twice while it spoke them",
                "tokens": "Tokens sampled",
                "audio_seconds": "Seconds of audio emitted",
            }.items()
        }
        self._histograms = {
            quantity: _Histogram(f"soprano_{quantity.value}", description, buckets)
            for quantity, description, buckets in (
                (Quantity.QUEUE, "Seconds from a request's arrival until its first sentence has a slot", _LATENCY),
                (
                    Quantity.FIRST_AUDIO,
                    "Seconds from the arrival of a streaming request until its first audio",
                    _LATENCY,
                ),
                (
                    Quantity.REAL_TIME_FACTOR,
                    "Seconds from a request's arrival until its last audio, divided by its seconds of audio",
                    _RATIO,
                ),
                (
                    Quantity.CANCEL,
                    "Seconds from when a cancelling client was last connected until its slots are free",
                    _LATENCY,
                ),
            )
        }

    def observe(self, quantity: Quantity, value: float) -> None:
        """Add one measurement."""
        self._histograms[quantity].observe(value)

    def export(self, statistics: Statistics) -> None:
        """Update the metrics."""
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
    """One metric; calls Triton only when its value changes. Keeps its family alive, because Triton does not."""

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
    """One histogram. Keeps its family alive, because Triton does not."""

    def __init__(self, name: str, description: str, buckets: Sequence[float]) -> None:
        self._family = pb_utils.MetricFamily(name=name, description=description, kind=pb_utils.MetricFamily.HISTOGRAM)
        self._metric = self._family.Metric(labels={}, buckets=list(buckets))

    def observe(self, value: float) -> None:
        self._metric.observe(value)
