/**
 * The server's formats but pcmu and pcma: those are for telephony, and no browser plays them.
 *
 * @typedef {"mp3" | "opus" | "aac" | "flac" | "wav" | "pcm"} FormatName
 *
 * `type` is the media type of a file, `rate` the server's default sample rate in Hz.
 * @typedef {object} Format
 * @property {FormatName} name
 * @property {string} type
 * @property {number} rate
 */

/** @type {Record<FormatName, Format>} */
export const FORMATS = {
  mp3: { name: "mp3", type: "audio/mpeg", rate: 32000 },
  opus: { name: "opus", type: "audio/ogg", rate: 48000 },
  aac: { name: "aac", type: "audio/aac", rate: 32000 },
  flac: { name: "flac", type: "audio/flac", rate: 32000 },
  wav: { name: "wav", type: "audio/wav", rate: 32000 },
  pcm: { name: "pcm", type: "audio/pcm", rate: 24000 },
};

/** Samples can be played as they come, with pauses of any length between them; with a header, they are a file. */
export const LIVE_FORMAT = FORMATS.wav;

/**
 * How this browser can play a format: decoded `samples` or encoded bytes (`media`) while they arrive, or only the
 * `whole` file. WebCodecs exists on secure origins only, so Opus depends on the origin of the page.
 *
 * @param {Format} format
 * @returns {"samples" | "media" | "whole"}
 */
export function wayToPlay(format) {
  switch (format.name) {
    case "mp3":
    case "aac":
      return "MediaSource" in window && MediaSource.isTypeSupported(format.type) ? "media" : "whole";
    case "opus":
      return "AudioDecoder" in window ? "samples" : "whole";
    default:
      return "samples";
  }
}
