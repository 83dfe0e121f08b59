import assert from "node:assert/strict";
import test from "node:test";

import { AuthenticationError, BadRequestError, NotFoundError } from "openai";

import { newClient } from "./server.js";

const asked = { model: "tts-1", voice: "alloy", input: "Hi." };
const mistakes = [
  [{ input: "" }, BadRequestError, "invalid_value", "input"],
  [{ input: "a".repeat(4097) }, BadRequestError, "string_above_max_length", "input"],
  [{ model: "whisper-1" }, NotFoundError, "model_not_found", "model"],
  [{ voice: "nobody" }, BadRequestError, "invalid_value", "voice"],
  [{ response_format: "ogg" }, BadRequestError, "invalid_value", "response_format"],
  [{ speed: 4.5 }, BadRequestError, "invalid_value", "speed"],
];

for (const [mistake, kind, code, param] of mistakes) {
  test(`a wrong ${param} is told once, as ${kind.name} with ${code}`, async () => {
    const client = newClient();
    const error = await client.audio.speech.create({ ...asked, ...mistake }).catch((raised) => raised);
    assert.ok(error instanceof kind, error);
    assert.deepEqual([error.type, error.code, error.param], ["invalid_request_error", code, param]);
    assert.match(error.requestID, /^req_/);
    assert.equal(client.asked.length, 1);
  });
}

test("a wrong key is an AuthenticationError, once", async () => {
  const client = newClient({ apiKey: "sk-wrong" });
  const error = await client.audio.speech.create(asked).catch((raised) => raised);
  assert.ok(error instanceof AuthenticationError, error);
  assert.equal(error.code, "invalid_api_key");
  assert.equal(client.asked.length, 1);
});
