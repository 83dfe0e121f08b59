import { LIVE_FORMAT } from "./formats.js";
import { SpeechSocket } from "./speech_socket.js";
import { Utterance } from "./utterance.js";

/** Milliseconds without text and without sound after which a text is taken to be complete: it occupies the server. */
const IDLE = 20_000;

/** A text that is spoken while it is being typed. Must be created in the handler of a click or a key. */
export class LiveUtterance extends Utterance {
  #socket;
  #position = 0;
  #active = performance.now(); // when text came or sound was heard
  #ended = false;

  /**
   * Throws `SpeechError` for a key that cannot be sent.
   *
   * @param {import("./speech.js").RequestWithoutText} request in `LIVE_FORMAT`
   * @param {string} key empty for none
   * @param {import("./waveform.js").Waveform} waveform
   * @param {import("./transcript.js").Transcript} transcript
   */
  constructor(request, key, waveform, transcript) {
    const socket = new SpeechSocket(request, key);
    super(LIVE_FORMAT, (signal) => socket.events(signal), waveform, transcript);
    this.#socket = socket;
  }

  /** Whether more text may be added. */
  get isOpen() {
    return !this.#ended && !this.failure && !this.stopped;
  }

  /** @param {string} text */
  append(text) {
    this.transcript.append(text);
    this.#socket.append(text);
    this.#active = performance.now();
  }

  /** Have everything spoken that was added, complete or not. */
  flush() {
    this.#socket.flush();
  }

  /** No text will be added. */
  end() {
    if (this.isOpen) this.#socket.end();
    this.#ended = true;
  }

  /** @param {() => void} [received] */
  async playToEnd(received) {
    const watch = setInterval(() => this.#endIfIdle(), 1000);
    try {
      await super.playToEnd(received);
    } finally {
      clearInterval(watch);
    }
  }

  #endIfIdle() {
    const now = performance.now();
    if (this.position > this.#position) this.#active = now;
    this.#position = this.position;
    if (now - this.#active > IDLE) this.end();
  }
}
