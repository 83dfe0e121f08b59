// Records what the page plays and marks; it is added to every page before the page's own scripts.
const playback = (window.playback = { runs: [], players: [], analysers: [], marked: [] });

// Every text that the page has marked as the current one: a mark may be gone before a test looks for it.
new MutationObserver((changes) => {
  for (const { target } of changes) if (target.hasAttribute("aria-current")) playback.marked.push(target.textContent);
}).observe(document, { subtree: true, attributeFilter: ["aria-current"] });

const connect = AudioNode.prototype.connect;

function listenTo(node) {
  const analyser = new AnalyserNode(node.context, { fftSize: 2048 });
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
  playback.clock = () => this.context.currentTime;
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
  playback.clock = () => this.currentTime;
  return play.call(this);
};

/** The largest sample that is played at this moment. */
playback.loudness = () => {
  const samples = new Float32Array(2048);
  return Math.max(
    0,
    // A context whose clock has stopped would report its last moment for ever.
    ...playback.analysers.filter(({ context }) => context.state === "running").map((analyser) => {
      analyser.getFloatTimeDomainData(samples);
      return samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0);
    }),
  );
};
