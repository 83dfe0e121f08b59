"""`GET /models` and `GET /models/{id}`."""

from fastapi import APIRouter

from proxy.api_types import ErrorBody, Model, ModelList
from proxy.services import AppServices

router = APIRouter(prefix="/models", tags=["models"])


@router.get("")
async def list_models(services: AppServices) -> ModelList:
    """Every model that speech can be asked of."""
    return ModelList(data=[Model(id=name) for name in services.catalog.models])


@router.get("/{model}", responses={404: {"model": ErrorBody}})
async def retrieve_model(model: str, services: AppServices) -> Model:
    """One model, by any name that speech can be asked of."""
    services.catalog.require_model(model)
    return Model(id=model)
