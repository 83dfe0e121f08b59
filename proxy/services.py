"""The objects that the routes use."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from proxy.admission import Admission
from proxy.api_keys import ApiKeys
from proxy.catalog import Catalog
from proxy.metrics import Metrics
from proxy.responses.buffer_budget import BufferBudget
from proxy.settings import Settings
from proxy.synthesis.monitored import MonitoredSynthesizer
from text.options import ReadingOptions


@dataclass(frozen=True)
class Services:
    """The objects that exist once for each application."""

    settings: Settings
    catalog: Catalog
    synthesizer: MonitoredSynthesizer
    api_keys: ApiKeys
    admission: Admission
    buffer_budget: BufferBudget
    metrics: Metrics
    reading: ReadingOptions
    """How live sessions read a text."""


def services_of(connection: HTTPConnection) -> Services:
    """The services of the application that serves a request or a WebSocket."""
    services: Services = connection.app.state.services
    return services


AppServices = Annotated[Services, Depends(services_of)]
