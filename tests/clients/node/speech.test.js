import assert from "node:assert/strict";
import test from "node:test";

import { newClient, settings } from "./server.js";

/** Checks that `bytes` is the size of the whole clip as pcm, 16-bit mono at 24 kHz. */
function assertWhole(bytes) {
  assert.ok(Math.abs(bytes / 2 / 24000 - settings.seconds) < 0.001, `${bytes} bytes for ${settings.seconds} s`);
}

const client = newClient();
const asked = { model: "gpt-4o-mini-tts", voice: "coral", input: settings.text };

test("create gives an array buffer of pcm, 16-bit at 24 kHz", async () => {
  const response = await client.audio.speech.create({ ...asked, response_format: "pcm" });
  assert.equal(response.headers.get("content-type"), "audio/pcm");
  assertWhole(new Int16Array(await response.arrayBuffer()).byteLength);
});

test("create gives an mp3 by default", async () => {
  const response = await client.audio.speech.create(asked);
  const blob = await response.blob();
  assert.equal(blob.type, "audio/mpeg");
  const [first, second] = new Uint8Array(await blob.arrayBuffer());
  assert.deepEqual([first, second & 0xe0], [0xff, 0xe0], "it begins with a frame");
});

test("the body can be read as a stream", async () => {
  const response = await client.audio.speech.create({ ...asked, response_format: "pcm" });
  let bytes = 0;
  for await (const piece of response.body) bytes += piece.length;
  assertWhole(bytes);
});

test("events are lines of data", async () => {
  const response = await client.audio.speech.create({ ...asked, response_format: "pcm", stream_format: "sse" });
  assert.match(response.headers.get("content-type"), /^text\/event-stream/);
  const text = await response.text();
  const events = text.split("\n").filter((line) => line.startsWith("data: ")).map((line) => JSON.parse(line.slice(6)));
  const audio = Buffer.concat(
    events.filter((event) => event.type === "speech.audio.delta").map((event) => Buffer.from(event.audio, "base64")),
  );
  assertWhole(audio.length);
  assert.equal(events.at(-1).type, "speech.audio.done");
  assert.ok(events.at(-1).usage.total_tokens > 0);
});

test("models can be listed and retrieved", async () => {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.ok(names.includes("tts-1"));
  assert.equal((await client.models.retrieve("tts-1")).id, "tts-1");
});
