/**
 * @typedef {"mp3" | "opus" | "aac" | "flac" | "wav" | "pcm"} FormatName
 *
 * `type` is the media type of a file, `rate` the samples per second that the server sends by default.
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

/**
 * How this browser can play a format: its decoded `samples` as they come, its bytes as they come (`media`), or the
 * `whole` file only. WebCodecs exists on secure origins alone, so Opus depends on where the page came from.
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
