// Records what the page plays and marks; it is added to every page before the page's own scripts.
const playback = (window.playback = { runs: [], players: [], analysers: [], marked: [], heard: new Set() });
const WINDOW = 32768; // samples, the most that an analyser keeps: a second or so
const MOMENT = 2048; // samples that count as now
const AUDIBLE = 0.1; // of full scale

// Every text that the page has marked as the current one: a mark may be gone before a test looks for it.
new MutationObserver((changes) => {
  for (const { target } of changes) if (target.hasAttribute("aria-current")) playback.marked.push(target.textContent);
}).observe(document, { subtree: true, attributeFilter: ["aria-current"] });

const connect = AudioNode.prototype.connect;

function listenTo(node) {
  const analyser = new AnalyserNode(node.context, { fftSize: WINDOW });
  connect.call(node, analyser);
  playback.analysers.push(analyser);
}

// Every run of samples given to Web Audio: when it arrived, and when it is to be played.
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode) listenTo(this);
  return connect.call(this, target, ...rest);
};
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (at) {
  const samples = this.buffer.getChannelData(0).slice();
  playback.runs.push({ came: this.context.currentTime, at, rate: this.buffer.sampleRate, samples });
  return start.call(this, at);
};

// Every <audio> element that the page plays.
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  const context = new AudioContext();
  const node = new MediaElementAudioSourceNode(context, { mediaElement: this });
  listenTo(node);
  connect.call(node, context.destination);
  playback.players.push(this);
  return play.call(this);
};

/** The latest samples that came to an analyser. */
function latest(analyser) {
  const samples = new Float32Array(WINDOW);
  analyser.getFloatTimeDomainData(samples);
  return samples;
}

/** @param {Float32Array} samples */
const loudest = (samples) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

/** The largest sample that is played at this moment. */
playback.loudness = () => {
  // A context whose clock has stopped would report its last moment for ever.
  const running = playback.analysers.filter(({ context }) => context.state === "running");
  return Math.max(0, ...running.map((analyser) => loudest(latest(analyser).subarray(-MOMENT))));
};

// The audio context of every clip that has been heard: its sound may be over before a test looks for it.
function listen() {
  for (const analyser of playback.analysers) {
    const { context } = analyser;
    if (!playback.heard.has(context) && loudest(latest(analyser)) > AUDIBLE) playback.heard.add(context);
  }
}
setInterval(listen, 100);
