"""`GET /audio/models` and `/audio/voices`, which Open WebUI and others ask for."""

from fastapi import APIRouter

from proxy.api_types import Model, ModelList, Voice, VoiceList, VoiceNames
from proxy.catalog import VOICES
from proxy.services import AppServices

router = APIRouter(prefix="/audio", tags=["models"])


@router.get("/models")
async def list_audio_models(services: AppServices) -> ModelList:
    """The same as `/models`: all of them speak."""
    return ModelList(data=[Model(id=name) for name in services.catalog.models])


@router.get("/voices")
async def list_voices(legacy: bool = False) -> VoiceList | VoiceNames:
    """Every name that the voice answers to; `legacy` gives plain strings."""
    if legacy:
        return VoiceNames(voices=list(VOICES))
    voices = [Voice(id=name, name=name.capitalize()) for name in VOICES]
    return VoiceList(voices=voices, data=voices)
