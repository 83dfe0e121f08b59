import { FilePlayer } from "./media_element.js";

/** A clip that was received before, heard once more. To be made in answer to a click. */
export class Replay {
  #player = new FilePlayer();
  stopped = false;
  /** @type {undefined} nothing is still to come */
  failure = undefined;

  /** @param {import("./recording.js").Recording} recording */
  constructor(recording) {
    this.recording = recording;
  }

  /** Seconds that were heard. */
  get position() {
    return this.#player.position;
  }

  /** Done once all of it was heard, or once it was stopped. */
  async heard() {
    await this.#player.play(this.recording.playable());
  }

  stop() {
    this.stopped = true;
    this.#player.close();
  }
}
