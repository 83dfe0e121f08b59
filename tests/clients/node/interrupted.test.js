import assert from "node:assert/strict";
import test from "node:test";

import { killEngine, newClient, settings } from "./server.js";

test("a clip that breaks off is an error, never a shorter clip", async () => {
  const asked = { model: "tts-1", voice: "alloy", input: settings.longText };
  const response = await newClient({ maxRetries: 0 }).audio.speech.create(asked);
  killEngine();
  await assert.rejects(response.arrayBuffer(), { name: "TypeError", message: "terminated" });
});
