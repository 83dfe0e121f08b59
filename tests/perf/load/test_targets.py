from perf.load.results import BARE_ENGINE, OUR_SPEECH, OUR_TRITON, PLAIN_PORT, UPSTREAM_SERVER
from perf.load.targets import judge
from perf.verdicts import Outcome
from tests.perf.load.invented import complete_results, empty_results, series


def test_all_met() -> None:
    verdicts = judge(complete_results())
    assert [verdict.outcome for verdict in verdicts] == [Outcome.MET] * 3
    assert verdicts[0].value == "21.1 times (21.0 to 21.2)"


def test_all_missed() -> None:
    results = empty_results()
    results.alternatives = [
        *(series(OUR_SPEECH, 19.9), series(UPSTREAM_SERVER, 1.0)),
        *(series(OUR_TRITON, 19.0), series(PLAIN_PORT, 4.9)),
    ]
    results.stages = [series(BARE_ENGINE, 20.0), series("Triton", 19.0), series("proxy", 15.8)]
    verdicts = judge(results)
    assert [verdict.outcome for verdict in verdicts] == [Outcome.MISSED] * 3
    assert verdicts[2].value == "21% (21% to 21%)"


def test_nothing_is_known_of_what_was_not_measured() -> None:
    results = empty_results()
    results.alternatives = [series("ours", 19.9), series("another", 1.0)]
    results.stages = [series(BARE_ENGINE, 20.0)]
    assert [verdict.outcome for verdict in judge(results)] == [Outcome.UNKNOWN] * 3
