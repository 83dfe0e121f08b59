"""`/realtime`: OpenAI's Realtime API, as far as it is about speech. Texts are read aloud, word for word.

Its events are those of `openai.types.realtime`, in this order:

    server  session.created
    client  session.update                the voice, the speed and the format of the audio
    server  session.updated
    client  conversation.item.create      a message; what users write is what will be read
    server  conversation.item.added, conversation.item.done
    client  response.create               read the messages that were not read, or those in `response.input`
    server  response.created
    server  response.output_item.added, conversation.item.added, response.content_part.added
    server  response.output_audio_transcript.delta, response.output_audio.delta, again and again
    server  response.output_audio.done, response.output_audio_transcript.done, response.content_part.done,
            conversation.item.done, response.output_item.done
    server  response.done                 completed, cancelled or failed
    client  response.cancel
    client  conversation.item.delete, conversation.item.retrieve, conversation.item.truncate
    server  error                         the session goes on, unless the WebSocket is closed

In these points it is not OpenAI's:

- A response may be created while others are under way. Those of the conversation are spoken one after the other, those
  with `conversation: "none"` at once. `response.cancel` without an id cancels all those of the conversation.
- A message with the status `in_progress` is the beginning of a text that is still being written. The response that
  reads it goes on with the messages that follow, up to one with another status.
- `instructions` and messages of `system` and `assistant` change nothing, and settings that concern ears are not used.
"""
