"""The OpenAPI description is complete: every request gets a response that it describes."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from proxy.app import create_app
from proxy.settings import Settings
from tests.proxy.stand_in import StandIn

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]

AnyCase = schemathesis.Case[Any]

schema = schemathesis.openapi.from_dict(create_app(Settings()).openapi())


@schema.parametrize()
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_answer_is_described(case: AnyCase, url: str, engine: StandIn) -> None:
    engine.chunks = 1
    case.call_and_validate(base_url=url, checks=CHECKS)


@schema.include(path="/v1/audio/speech").parametrize()
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_answer_of_a_known_model_is_described(case: AnyCase, url: str, engine: StandIn) -> None:
    engine.chunks = 1
    if isinstance(case.body, dict):
        case.body["model"] = "tts-1"
    case.call_and_validate(base_url=url, checks=CHECKS)
