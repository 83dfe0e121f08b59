// The server under test, and a client for it.

import OpenAI from "openai";

export const settings = JSON.parse(process.env.SOPRANO_CLIENT);

/** A client that counts its requests, retries included, in `client.asked`. */
export function newClient(options = {}) {
  const asked = [];
  const counting = (...request) => {
    asked.push(performance.now());
    return fetch(...request);
  };
  const client = new OpenAI({ baseURL: settings.baseURL, apiKey: settings.key, fetch: counting, ...options });
  return Object.assign(client, { asked });
}

/** Kills the engine's process. */
export function killEngine() {
  process.kill(settings.engine, "SIGKILL");
}
