import assert from "node:assert/strict";
import test from "node:test";

import { newClient, settings } from "./server.js";

test("a stream can be aborted", async () => {
  const controller = new AbortController();
  const asked = { model: "tts-1", voice: "alloy", input: settings.longText, response_format: "pcm" };
  const response = await newClient().audio.speech.create(asked, { signal: controller.signal });
  const reader = response.body.getReader();
  assert.ok((await reader.read()).value.length > 0);
  controller.abort();
  await assert.rejects(async () => {
    while (!(await reader.read()).done);
  }, { name: "AbortError" });
});
