import assert from "node:assert/strict";
import test from "node:test";

import { RateLimitError } from "openai";

import { newClient } from "./server.js";

test("a full server gets the request again after the pause that it asked for", async () => {
  const client = newClient({ maxRetries: 1 });
  const error = await client.audio.speech
    .create({ model: "tts-1", voice: "alloy", input: "Hi." })
    .catch((raised) => raised);
  assert.ok(error instanceof RateLimitError, error);
  assert.deepEqual([error.type, error.code, error.param], ["rate_limit_error", "queue_full", null]);
  const [first, second, ...more] = client.asked;
  assert.deepEqual(more, []);
  assert.ok(second - first >= 1000, "it waits a second at least");
});
