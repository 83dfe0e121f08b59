"""`GET /audio/models` and `/audio/voices`, which Open WebUI and other clients call, and other names for the latter."""

from fastapi import APIRouter

from proxy.api_types import AudioModelList, ErrorBody, Voice, VoiceList, VoiceNames
from proxy.routers.models import listed
from proxy.services import AppServices

router = APIRouter(tags=["models"])


@router.get("/audio/models")
async def list_audio_models(services: AppServices) -> AudioModelList:
    """The same models as in `/models`: all of them speak."""
    models = listed(services)
    return AudioModelList(models=models, data=models)


@router.get("/voices", include_in_schema=False)
@router.get("/audio/speech/voices", include_in_schema=False)
@router.get("/audio/voices", responses={400: {"model": ErrorBody}})
async def list_voices(services: AppServices, legacy: bool = False) -> VoiceList | VoiceNames:
    """Every accepted voice name; with `legacy`, as plain strings."""
    names = services.catalog.voices
    if legacy:
        return VoiceNames(voices=names)
    voices = [Voice(id=name, name=name[0].upper() + name[1:]) for name in names]
    return VoiceList(voices=voices, data=voices)
