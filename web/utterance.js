import { openPlayer } from "./player.js";
import { Recording } from "./recording.js";

const STOPPED = new Error("stopped");

/** One text, from the click on Speak until it has been played. Must be created in the handler of that click. */
export class Utterance {
  #abort = new AbortController();

  /**
   * @param {import("./formats.js").Format} format
   * @param {(signal: AbortSignal) => AsyncIterable<import("./speech.js").SpeechEvent>} request begins the request
   * @param {import("./waveform.js").Waveform} waveform
   * @param {import("./transcript.js").Transcript} transcript
   */
  constructor(format, request, waveform, transcript) {
    this.recording = new Recording(format);
    this.transcript = transcript;
    /** @type {import("./speech.js").DoneEvent["usage"] | undefined} */
    this.usage = undefined;
    /** @type {Error | undefined} why the rest did not arrive */
    this.failure = undefined;
    /** The end of the last sentence, in seconds. */
    this.told = 0;
    this.player = openPlayer(format, (samples, rate) => waveform.add(samples, rate), (error) => this.#end(error));
    this.begun = this.player.begun;
    this.events = request(this.#abort.signal);
  }

  /** Seconds that have been played. */
  get position() {
    return this.player.position;
  }

  get stopped() {
    return this.#abort.signal.reason === STOPPED;
  }

  /**
   * Resolves when everything that arrived has been played, which may be less than the whole clip: see `failure`.
   * Throws if nothing arrived or if it was stopped.
   *
   * @param {() => void} [received] called when no more will arrive
   */
  async playToEnd(received = () => {}) {
    try {
      await this.#receive();
    } catch (error) {
      this.failure = /** @type {Error} */ (error);
      if (this.recording.size === 0) this.player.close();
    } finally {
      received();
    }
    if (this.failure && this.recording.size === 0) throw this.failure;
    await this.#unlessAborted(this.player.end());
  }

  /** End the sound and the server's work at once. */
  stop() {
    this.#end(STOPPED);
  }

  /** @param {Error} reason */
  #end(reason) {
    this.#abort.abort(reason);
    this.player.close();
  }

  async #receive() {
    for await (const event of this.events) {
      if (event.type === "audio") {
        this.recording.push(event.bytes);
        this.player.push(event.bytes);
      } else if (event.type === "sentence") {
        this.transcript.add(event);
        this.told = event.end;
      } else {
        this.usage = event.usage;
      }
    }
  }

  /** @param {Promise<void>} work */
  async #unlessAborted(work) {
    const { signal } = this.#abort;
    const aborted = new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    await Promise.race([work, aborted]);
  }
}
