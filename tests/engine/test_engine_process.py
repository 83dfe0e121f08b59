"""What the server sees of an engine's process that behaves badly."""

import pytest

from engine.engine_process import EngineDied, EngineProcess


def test_a_process_that_stops_in_the_middle_of_a_message_is_as_good_as_dead() -> None:
    process = EngineProcess(patience=0.5, module="tests.engine.half_a_message")
    with pytest.raises(EngineDied):
        process.receive(timeout=60)
    process.kill()


def test_a_process_that_ends_is_reported_with_its_status() -> None:
    process = EngineProcess(patience=5.0, module="tests.engine.no_such_module")
    with pytest.raises(EngineDied, match="with status 1"):
        process.receive(timeout=60)
    process.close()
