// Voices that can be told apart: a microphone that is one tone, and an ear that says whose tones are heard, and how loud.
import assert from 'node:assert/strict';
import { PATIENCE_MS } from './lib.mjs';

/** His microphone is a tone. */
export const sings = (p, hz) =>
  p.page.addInitScript((tone) => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (want) => {
      if (!want.audio) return real(want);
      const ctx = new AudioContext();
      const voice = ctx.createOscillator();
      const out = ctx.createMediaStreamDestination();
      voice.frequency.value = tone;
      voice.connect(out);
      voice.start();
      await ctx.resume();
      const pictures = want.video ? (await real({ video: want.video })).getVideoTracks() : [];
      return new MediaStream([...out.stream.getAudioTracks(), ...pictures]);
    };
  }, hz);

/** Waits until of these tones those heard are the wanted, each at its volume, and for a second none but these. */
export async function hears(p, wanted, tones) {
  const heard = await p.page.evaluate(
    async ([want, of, wait]) => {
      const ctx = new AudioContext();
      await ctx.resume();
      const ears = new Map();
      const ear = (a) => {
        if (!ears.has(a.srcObject)) {
          const an = ctx.createAnalyser();
          an.fftSize = 8192;
          an.smoothingTimeConstant = 0;
          ctx.createMediaStreamSource(a.srcObject).connect(an);
          ears.set(a.srcObject, an);
        }
        return ears.get(a.srcObject);
      };
      const now = () => {
        const out = {};
        for (const a of document.querySelectorAll('audio')) {
          if (!a.srcObject?.getAudioTracks().length) continue;
          const an = ear(a);
          const db = new Float32Array(an.frequencyBinCount);
          an.getFloatFrequencyData(db);
          for (const hz of of) if (db[Math.round((hz * an.fftSize) / ctx.sampleRate)] > -50) out[hz] = a.volume;
        }
        return out;
      };
      const is = (out) => JSON.stringify(out) === JSON.stringify(want);
      const end = performance.now() + wait;
      let last = {};
      let good = 0;
      while (performance.now() < end && good < 10) {
        await new Promise((r) => setTimeout(r, 100));
        last = now();
        good = is(last) ? good + 1 : 0;
      }
      await ctx.close();
      return last;
    },
    [wanted, tones, PATIENCE_MS],
  );
  assert.deepEqual(heard, wanted, p.name);
}
