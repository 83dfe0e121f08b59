"""The targets of the load tests, and whether a run met them."""

from perf.load.comparison import Cost, groups, measured, named, ratio
from perf.load.results import BARE_ENGINE, PLAIN_PORT, UPSTREAM_SERVER, LoadResults
from perf.verdicts import Outcome, Verdict

_TIMES_UPSTREAM = 20.0
_TIMES_PLAIN_PORT = 4.0
_PATH_COST = 0.20


def judge(results: LoadResults) -> list[Verdict]:
    """Judge by the medians of the repeats."""
    return [
        _times_as_fast(results, UPSTREAM_SERVER, _TIMES_UPSTREAM),
        _times_as_fast(results, PLAIN_PORT, _TIMES_PLAIN_PORT),
        _path(results),
    ]


def _times_as_fast(results: LoadResults, name: str, bound: float) -> Verdict:
    target = f"at least {bound:g} times the throughput of {name}"
    pairs = ((group.ours, series) for group in groups(results.alternatives) for series in group.others)
    times = next((ratio(ours, theirs) for ours, theirs in pairs if theirs.name == name), None)
    if times is None:
        return Verdict(target, "", Outcome.UNKNOWN)
    value = f"{times.median:.1f} times ({times.least:.1f} to {times.most:.1f})"
    return Verdict(target, value, Outcome.MET if times.median >= bound else Outcome.MISSED)


def _path(results: LoadResults) -> Verdict:
    """Judge the last stage, which has everything above the engine in it."""
    target = f"all that is above the bare engine costs at most {_PATH_COST:.0%} of its throughput"
    engine = named(results.stages, BARE_ENGINE)
    path = [series for series in measured(results.stages) if series is not engine][-1:]
    share = ratio(path[0], engine) if path and engine else None
    if share is None:
        return Verdict(target, "", Outcome.UNKNOWN)
    cost = Cost.of(share)
    value = f"{cost.median:.0%} ({cost.least:.0%} to {cost.most:.0%})"
    return Verdict(target, value, Outcome.MET if cost.median <= _PATH_COST else Outcome.MISSED)
