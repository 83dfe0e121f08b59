"""`GET /models` and `GET /models/{id}`."""

from fastapi import APIRouter

from proxy.api_types import ErrorBody, Model, ModelList
from proxy.services import AppServices, Services

router = APIRouter(prefix="/models", tags=["models"])


@router.get("")
async def list_models(services: AppServices) -> ModelList:
    """Every model name that a speech request may use."""
    return ModelList(data=listed(services))


@router.get("/{model}", responses={404: {"model": ErrorBody}})
async def retrieve_model(model: str, services: AppServices) -> Model:
    """One model, by any name that a speech request may use."""
    services.catalog.require_model(model)
    return Model(id=model, checkpoint=services.synthesizer.checkpoint)


def listed(services: Services) -> list[Model]:
    """Every model; all names stand for the one checkpoint."""
    return [Model(id=name, checkpoint=services.synthesizer.checkpoint) for name in services.catalog.models]
