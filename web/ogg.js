import { joined } from "./bytes.js";

const PAGE_HEADER = 27;

/**
 * A packet, and the position in samples at the end of the page that completes it.
 * @typedef {{data: Uint8Array<ArrayBuffer>, granule: number}} Packet
 */

/** Extracts packets from Ogg pages (RFC 3533); the input may be cut anywhere. */
export class OggReader {
  #bytes = new Uint8Array(0);
  /** @type {Uint8Array[]} */
  #open = []; // parts of a packet that continues on the next page

  /**
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @returns {Packet[]} the packets that these bytes complete
   */
  push(bytes) {
    this.#bytes = joined([this.#bytes, bytes]);
    /** @type {Packet[]} */
    const packets = [];
    for (let size = this.#pageSize(); size; size = this.#pageSize()) {
      packets.push(...this.#packets(this.#bytes.subarray(0, size)));
      this.#bytes = this.#bytes.subarray(size);
    }
    return packets;
  }

  /** The size of the first page; 0 if it is not complete yet. */
  #pageSize() {
    const bytes = this.#bytes;
    const body = PAGE_HEADER + (bytes[26] ?? 0);
    if (bytes.length < PAGE_HEADER || bytes.length < body) return 0;
    const size = bytes.subarray(PAGE_HEADER, body).reduce((sum, lacing) => sum + lacing, body);
    return bytes.length < size ? 0 : size;
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} page
   * @returns {Packet[]}
   */
  #packets(page) {
    const view = new DataView(page.buffer, page.byteOffset);
    const granule = view.getUint32(6, true) + 2 ** 32 * view.getInt32(10, true);
    let offset = PAGE_HEADER + page[26];
    const packets = [];
    for (const lacing of page.subarray(PAGE_HEADER, offset)) {
      this.#open.push(page.subarray(offset, (offset += lacing)));
      if (lacing === 255) continue;
      packets.push({ data: joined(this.#open), granule });
      this.#open = [];
    }
    return packets;
  }
}
