/**
 * The JSON objects of server-sent events, of which each is one `data: ` line and an empty one. Whoever stops reading
 * leaves the connection.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<any, void>}
 */
export async function* events(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const complete = text.split("\n\n");
      text = /** @type {string} */ (complete.pop());
      for (const event of complete) yield JSON.parse(event.slice("data: ".length));
    }
  } finally {
    // Whoever has read enough leaves; of a connection that is broken there is nothing to leave.
    reader.cancel().catch(() => {});
  }
}
