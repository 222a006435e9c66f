let context: AudioContext | undefined;

/** Two soft tones, made here: there is no file to fetch. */
export function playSound(): void {
  context ??= new AudioContext();
  const { currentTime: now, destination } = context;
  for (const [at, frequency] of [[0, 660], [0.11, 880]] as const) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, now + at);
    loudness.gain.linearRampToValueAtTime(0.08, now + at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, now + at + 0.35);
    tone.connect(loudness).connect(destination);
    tone.start(now + at);
    tone.stop(now + at + 0.4);
  }
}
