"""What is read although it is no proper JSON, because there is no doubt what it means."""

import json

import httpx
import pytest

from proxy.json_body import repaired
from tests.proxy.stand_in import StandIn

JSON = {"content-type": "application/json"}


def test_a_byte_order_mark_is_no_part_of_it(http: httpx.Client, engine: StandIn) -> None:
    body = "\ufeff" + json.dumps({"input": "Hello."})
    assert http.post("/v1/audio/speech", content=body.encode(), headers=JSON).status_code == 200
    assert engine.asked[0].text == "Hello."


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"Hello \ud83d there.", "Hello \ufffd there."),
        (r"Hello \uDE00there.", "Hello \ufffdthere."),
        (r"Hello\ude00\uD83d.", "Hello\ufffd\ufffd."),
        (r"Hello \ud83d\ud83d\ude00.", "Hello \ufffd\U0001f600."),
        (r"Hello \ud83d\ude00.", "Hello \U0001f600."),
        (r"Hello \\ud83d.", r"Hello \ud83d."),
        (r"Hello \\\ud83d\\ude00.", "Hello \\\ufffd\\ude00."),
        (r"Hello \u00e9\n\ud83d", "Hello é\n\ufffd"),
    ],
)
def test_half_of_a_surrogate_pair_is_left_out_and_the_rest_is_spoken(
    http: httpx.Client, engine: StandIn, written: str, text: str
) -> None:
    body = f'{{"input": "{written}"}}'
    assert http.post("/v1/audio/speech", content=body, headers=JSON).status_code == 200
    assert engine.asked[0].text == text


def test_the_offsets_of_the_text_stay_those_of_the_client() -> None:
    text = "a\ud83db\ude00"
    assert len(json.loads(repaired(json.dumps(text).encode()))) == len(text)


def test_a_name_that_is_no_text_is_the_callers_mistake(http: httpx.Client) -> None:
    response = http.post("/v1/audio/speech", content=r'{"input": "Hello.", "voice": "\ud83d"}', headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "voice"


@pytest.mark.parametrize("body", [rb'{"input": "\ud8"}', rb'{"input": "\UD83D"}', b'{"input": "\xed\xa0\xbd"}'])
def test_what_is_no_json_remains_none(http: httpx.Client, body: bytes) -> None:
    response = http.post("/v1/audio/speech", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_json"
