import { FilePlayer } from "./media_element.js";

/** Plays a clip again that was received before. Must be created in the handler of a click. */
export class Replay {
  #player = new FilePlayer();
  stopped = false;
  /** @type {undefined} nothing can fail, because the clip is complete */
  failure = undefined;

  /** @param {import("./recording.js").Recording} recording */
  constructor(recording) {
    this.recording = recording;
  }

  /** Seconds that have been played. */
  get position() {
    return this.#player.position;
  }

  /** Resolves when all of it has been played or it was stopped. */
  async playToEnd() {
    await this.#player.play(this.recording.playable());
  }

  stop() {
    this.stopped = true;
    this.#player.close();
  }
}
