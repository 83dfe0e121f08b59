import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";
import { OpenAIRealtimeWS } from "openai/realtime/ws";

import { newClient, settings } from "./server.js";

const message = (text, status = "completed") => ({
  type: "conversation.item.create",
  item: { type: "message", role: "user", status, content: [{ type: "input_text", text }] },
});

/** Connects, and settles as soon as a session has begun or was refused. */
function connect(Transport, options = {}) {
  const connection = new Transport({ model: "gpt-realtime" }, newClient(options));
  return new Promise((resolve, reject) => {
    connection.on("session.created", () => resolve(connection));
    connection.on("error", reject);
  });
}

/** Keeps the audio and the transcript of the next response, to its end. */
function hear(connection) {
  const heard = { audio: [], transcript: "" };
  connection.on("response.output_audio.delta", (event) => heard.audio.push(Buffer.from(event.delta, "base64")));
  connection.on("response.output_audio_transcript.delta", (event) => (heard.transcript += event.delta));
  return new Promise((resolve) => {
    connection.once("response.done", ({ response }) => resolve({ ...heard, response }));
  });
}

for (const [name, Transport] of Object.entries({ native: OpenAIRealtimeWebSocket, ws: OpenAIRealtimeWS })) {
  test(`a text is read while it is written (${name})`, async () => {
    const connection = await connect(Transport);
    const hearing = hear(connection);
    connection.send(message("", "in_progress"));
    connection.send({ type: "response.create" });
    for (const word of settings.text.split(" ")) connection.send(message(`${word} `, "in_progress"));
    connection.send(message(""));
    const { audio, transcript, response } = await hearing;
    connection.close();
    assert.equal(response.status, "completed");
    assert.equal(transcript, settings.text);
    writeFileSync(join(settings.output, `${name}.pcm`), Buffer.concat(audio));
  });

  test(`a response is cancelled (${name})`, async () => {
    const connection = await connect(Transport);
    const hearing = hear(connection);
    connection.once("response.output_audio.delta", () => connection.send({ type: "response.cancel" }));
    connection.send(message(settings.longText));
    connection.send({ type: "response.create" });
    const { response } = await hearing;
    connection.close();
    assert.equal(response.status, "cancelled");
  });

  test(`a mistake is an error with its event's id (${name})`, async () => {
    const connection = await connect(Transport);
    const mistake = new Promise((resolve) => connection.on("error", resolve));
    connection.send({ type: "input_audio_buffer.append", audio: "AAAA", event_id: "my-mistake" });
    const { error } = await mistake;
    connection.close();
    assert.deepEqual([error.code, error.event_id], ["invalid_value", "my-mistake"]);
    assert.match(error.message, /hears and sees nothing/);
  });

  test(`a wrong key opens no session (${name})`, async () => {
    await assert.rejects(connect(Transport, { apiKey: "sk-wrong" }), { name: "OpenAIRealtimeError" });
  });
}
