// Speech with OpenAI's client for Node, written to a file while it is being made.
//
//     npm install openai
//     node examples/openai_client.mjs "Hello from Soprano." hello.mp3

import { createWriteStream } from "node:fs";
import { extname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import OpenAI from "openai";

const [text, path] = process.argv.slice(2);
const client = new OpenAI({
  baseURL: `${process.env.SOPRANO_URL ?? "http://127.0.0.1:8080"}/v1`,
  apiKey: process.env.SOPRANO_API_KEY ?? "none",
});

const response = await client.audio.speech.create({
  model: "soprano",
  voice: "soprano",
  input: text,
  response_format: extname(path).slice(1),
});
await pipeline(Readable.fromWeb(response.body), createWriteStream(path));
console.log(`${path}, spoken by ${response.headers.get("x-soprano-checkpoint")}`);
