from launch.triton.log import error_text, summarize

LOAD_FAILURE = (
    "E1122 20:17:17.656292 6929 model_lifecycle.cc:642] \"failed to load 'soprano' version 1: Internal: "
    r'FileNotFoundError: there is no \"checkpoint\" here\n\nAt:\n  /model.py(3): initialize\n"'
)
STUB_DIED = (
    "E1122 20:17:19.745097 6948 model_lifecycle.cc:642] \"failed to load 'soprano' version 1: Internal: "
    "Stub process 'soprano_0_0' is not healthy.\""
)


def test_information_and_warnings_are_not_errors() -> None:
    assert error_text('I1122 20:11:00.837371 4080 model_lifecycle.cc:472] "loading: soprano:1"') is None
    assert error_text('W1122 20:11:00.962894 4080 metrics.cc:798] "DCGM unable to start"') is None
    assert error_text("I1122 20:11:00.960680 4080 server.cc:604]") is None


def test_tables_are_not_errors() -> None:
    assert error_text("+---------+---------+") is None
    assert error_text("| Model   | Version |") is None
    assert error_text("") is None


def test_a_machine_without_a_gpu_causes_no_error() -> None:
    line = 'E1122 20:17:18.687404 6948 server.cc:241] "CudaDriverHelper has not been initialized."'
    assert error_text(line) is None
    assert error_text("Error: Failed to initialize NVML") is None


def test_what_a_model_prints_is_an_error() -> None:
    assert error_text("Segmentation fault") == "Segmentation fault"


def test_an_error_loses_its_prefix_and_its_stack() -> None:
    text = error_text(LOAD_FAILURE)
    assert text == ("failed to load 'soprano' version 1: Internal: FileNotFoundError: there is no \"checkpoint\" here")


def test_models_that_did_not_load_explain_a_failure() -> None:
    lines = ["some warning of a library", LOAD_FAILURE, "error: creating server: Internal - failed to load all models"]
    assert summarize(lines) == ['model soprano: FileNotFoundError: there is no "checkpoint" here']


def test_the_last_lines_explain_a_model_that_died() -> None:
    assert summarize(["out of memory", STUB_DIED]) == [
        "out of memory",
        "model soprano: Stub process 'soprano_0_0' is not healthy.",
    ]


def test_at_most_a_few_lines_explain_anything_else() -> None:
    assert summarize(f"line {number}" for number in range(100)) == [f"line {number}" for number in range(94, 100)]
