import { authorization, ENDED_EARLY, errorOf, NOT_CONNECTED, SpeechError } from "./speech.js";

const URL_OF_SOCKET = "./v1/audio/speech/ws";
const PROTOCOL = "nari.speech.v1";
/** With it, a key is sent as a subprotocol, since a WebSocket of a browser has no headers of one's own. */
const KEY_PREFIX = "openai-insecure-api-key.";
/** The status of an address that is for WebSockets only, and would open one now. */
const UPGRADE_REQUIRED = 426;

/** Speech for one text that is still being written. The server closes the connection after the last word. */
export class SpeechSocket {
  #socket;
  #key;
  #opened = false;
  /** @type {Promise<unknown>} */
  #opening;
  #messages;

  /**
   * Throws `SpeechError` for a key that cannot be sent.
   *
   * @param {import("./speech.js").RequestWithoutText} request
   * @param {string} key empty for none
   */
  constructor(request, key) {
    const url = new URL(URL_OF_SOCKET, document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    this.#key = key;
    this.#socket = new WebSocket(url, [PROTOCOL, ...subprotocols(key)]);
    this.#socket.binaryType = "arraybuffer";
    this.#messages = messages(this.#socket);
    this.#opening = new Promise((resolve) => this.#socket.addEventListener("open", resolve));
    this.#opening.then(() => (this.#opened = true));
    this.#send({ type: "request.start", ...request, timestamps: true });
  }

  /** @param {string} text the next characters, cut anywhere */
  append(text) {
    this.#send({ type: "input_text.append", text });
  }

  /** Have everything spoken that was appended, complete or not. */
  flush() {
    this.#send({ type: "input_text.flush" });
  }

  /** Nothing follows. */
  end() {
    this.#send({ type: "input_text.end" });
  }

  /**
   * Yield audio and sentences as they arrive, and `done` at the end. Aborting `signal` makes the server cancel the
   * synthesis. Throws `SpeechError`, or the reason with which `signal` was aborted. To be called once.
   *
   * @param {AbortSignal} signal
   * @returns {AsyncGenerator<import("./speech.js").SpeechEvent, void>}
   */
  async *events(signal) {
    const reader = this.#messages.getReader();
    signal.addEventListener("abort", () => reader.cancel());
    try {
      for (;;) {
        const { done, value } = await reader.read();
        signal.throwIfAborted();
        if (done) throw this.#opened ? new SpeechError(ENDED_EARLY) : await refusal(this.#key);
        const event = ownEvent(value);
        if (event) yield event;
        if (event?.type === "done") return;
      }
    } finally {
      reader.cancel();
    }
  }

  /** @param {object} message */
  async #send(message) {
    await this.#opening;
    this.#socket.send(JSON.stringify(message));
  }
}

/**
 * @param {string} key
 * @returns {string[]}
 */
function subprotocols(key) {
  authorization(key); // throws for what no header can carry
  if (!/^[\w!#$%&'*+.^`|~-]*$/.test(key)) {
    throw new SpeechError(
      "A browser cannot send this API key while you type: the key has a sign other than letters, digits and -._~+.",
    );
  }
  return key ? [KEY_PREFIX + key] : [];
}

/**
 * What a WebSocket receives until it is closed. Cancelling the stream closes it.
 *
 * @param {WebSocket} socket
 * @returns {ReadableStream<string | ArrayBuffer>}
 */
function messages(socket) {
  return new ReadableStream({
    start(controller) {
      socket.onmessage = ({ data }) => controller.enqueue(data);
      socket.onclose = () => controller.close();
    },
    cancel() {
      socket.onmessage = socket.onclose = null;
      socket.close();
    },
  });
}

/**
 * Why the server does not open a WebSocket. Browsers do not tell, but it answers a request to the same address.
 *
 * @param {string} key empty for none
 * @returns {Promise<SpeechError>}
 */
async function refusal(key) {
  try {
    const response = await fetch(URL_OF_SOCKET, { headers: authorization(key) });
    return response.status === UPGRADE_REQUIRED ? new SpeechError(NOT_CONNECTED) : await errorOf(response);
  } catch {
    return new SpeechError(NOT_CONNECTED);
  }
}

/**
 * @param {string | ArrayBuffer} message
 * @returns {import("./speech.js").SpeechEvent | undefined}
 */
function ownEvent(message) {
  if (message instanceof ArrayBuffer) return { type: "audio", bytes: new Uint8Array(message) };
  const event = JSON.parse(message);
  switch (event.type) {
    case "error":
      throw new SpeechError(event.error.message, { status: event.error.code === "service_unavailable" ? 503 : 0 });
    case "response.sentence":
      return { ...event, type: "sentence" };
    case "response.done":
      return { ...event, type: "done" };
  }
}
