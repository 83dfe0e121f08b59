import { bytesOf } from "./bytes.js";
import { events } from "./events.js";

/**
 * The request to the server, with the API's field names.
 * @typedef {object} SpeechRequest
 * @property {string} model
 * @property {string} voice
 * @property {string} input
 * @property {import("./formats.js").FormatName} response_format
 * @property {number} [speed]
 * @typedef {Omit<SpeechRequest, "input">} RequestWithoutText
 */

/**
 * `input` in code points, `start` and `end` in seconds; `spoken` is what the model reads.
 * @typedef {{type: "sentence", index: number, text: string, spoken: string, text_start: number, text_end: number,
 *            start: number, end: number}} SentenceEvent
 * @typedef {{type: "audio", bytes: Uint8Array<ArrayBuffer>}} AudioEvent
 * @typedef {{type: "done", usage: {input_tokens: number, output_tokens: number, total_tokens: number}}} DoneEvent
 * @typedef {AudioEvent | SentenceEvent | DoneEvent} SpeechEvent
 */

export const NOT_CONNECTED = "The connection to the server failed.";
export const ENDED_EARLY = "The connection ended before the speech was complete.";

/** An error in the server's response, or of the connection to it. */
export class SpeechError extends Error {
  /**
   * @param {string} message
   * @param {{status?: number, retryAfter?: string | null}} [more] `retryAfter` in seconds
   */
  constructor(message, { status = 0, retryAfter = null } = {}) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * Request speech; yields audio and sentences as they arrive, and `done` at the end. Aborting `signal` makes the server
 * cancel the synthesis. Throws `SpeechError`, or the reason with which `signal` was aborted.
 *
 * @param {SpeechRequest} request
 * @param {string} key empty for none
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<SpeechEvent, void>}
 */
export async function* speak(request, key, signal) {
  const body = JSON.stringify({ ...request, stream_format: "sse", timestamps: true });
  const headers = { "content-type": "application/json", ...authorization(key) };
  try {
    const response = await fetch("./v1/audio/speech", { method: "POST", headers, body, signal });
    if (!response.ok || !response.body) throw await errorOf(response);
    for await (const event of events(response.body)) {
      if (event.type === "speech.audio.error") throw new SpeechError(event.error.message);
      yield ownEvent(event);
      if (event.type === "speech.audio.done") return;
    }
  } catch (error) {
    if (error instanceof SpeechError || signal.aborted) throw error;
    throw new SpeechError(NOT_CONNECTED);
  }
  throw new SpeechError(ENDED_EARLY);
}

/**
 * The header for `key`.
 *
 * @param {string} key empty for none
 * @returns {Record<string, string>}
 */
export function authorization(key) {
  if (!/^[\x20-\x7e]*$/.test(key)) throw new SpeechError("An API key has only letters, digits and signs of ASCII.");
  return key ? { authorization: `Bearer ${key}` } : {};
}

/**
 * The error in a response; the response of a reverse proxy may not be JSON.
 *
 * @param {Response} response
 * @returns {Promise<SpeechError>}
 */
export async function errorOf(response) {
  const answer = await response.json().catch(() => null);
  const message = answer?.error?.message ?? `The server answered with status ${response.status}.`;
  return new SpeechError(message, { status: response.status, retryAfter: response.headers.get("retry-after") });
}

/** @param {any} event */
function ownEvent(event) {
  const type = event.type.slice("speech.audio.".length);
  return type === "delta" ? { type: "audio", bytes: bytesOf(event.audio) } : { ...event, type };
}
