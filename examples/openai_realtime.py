"""Speech with OpenAI's client over the Realtime API: standard input is read while it is written.

    pip install 'openai[realtime]'
    ./write_something | python examples/openai_realtime.py hello.wav

A message with the status `in_progress` is the beginning of a text that goes on with the next message.
"""

import asyncio
import base64
import os
import sys
import wave

from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from openai.types.realtime import RealtimeConversationItemUserMessageParam


async def write(connection: AsyncRealtimeConnection) -> None:
    """Send standard input line by line, as it comes, and mark its end."""
    await connection.conversation.item.create(item=message("", is_last=False))
    await connection.response.create()
    while line := await asyncio.to_thread(sys.stdin.readline):
        await connection.conversation.item.create(item=message(line, is_last=False))
    await connection.conversation.item.create(item=message("", is_last=True))


def message(text: str, *, is_last: bool) -> RealtimeConversationItemUserMessageParam:
    """Return a part of the text."""
    return {
        "type": "message",
        "role": "user",
        "status": "completed" if is_last else "in_progress",
        "content": [{"type": "input_text", "text": text}],
    }


async def main(path: str) -> None:
    """Write what is read aloud to a WAV file, and show what is being said."""
    client = AsyncOpenAI(
        base_url=os.environ.get("SOPRANO_URL", "http://127.0.0.1:8080") + "/v1",
        api_key=os.environ.get("SOPRANO_API_KEY", "none"),
    )
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24000)
        async with client, client.realtime.connect(model="soprano") as connection, asyncio.TaskGroup() as tasks:
            tasks.create_task(write(connection))
            async for event in connection:
                if event.type == "response.output_audio.delta":
                    file.writeframes(base64.b64decode(event.delta))
                elif event.type == "response.output_audio_transcript.delta":
                    print(event.delta, end="", flush=True)
                elif event.type == "error":
                    sys.exit(event.error.message)
                elif event.type == "response.done":
                    print(f"\n{path}: {event.response.status}")
                    return


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
