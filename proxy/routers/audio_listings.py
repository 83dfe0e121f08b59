"""`GET /audio/models` and `/audio/voices`, which Open WebUI and other clients call."""

from fastapi import APIRouter

from proxy.api_types import AudioModelList, ErrorBody, Voice, VoiceList, VoiceNames
from proxy.catalog import VOICES
from proxy.routers.models import listed
from proxy.services import AppServices

router = APIRouter(prefix="/audio", tags=["models"])


@router.get("/models")
async def list_audio_models(services: AppServices) -> AudioModelList:
    """The same models as in `/models`: all of them speak."""
    models = listed(services)
    return AudioModelList(models=models, data=models)


@router.get("/voices", responses={400: {"model": ErrorBody}})
async def list_voices(legacy: bool = False) -> VoiceList | VoiceNames:
    """Every accepted voice name; with `legacy`, as plain strings."""
    if legacy:
        return VoiceNames(voices=list(VOICES))
    voices = [Voice(id=name, name=name.capitalize()) for name in VOICES]
    return VoiceList(voices=voices, data=voices)
