// A viewer whose line changes, in real Chromium: cut, at another address, or behind a firewall that lets only TCP through.
import { after, before, test } from 'node:test';
import { enter } from '../integration/lib.mjs';
import { makeClass, makeMedia, onLine, pause } from './class.mjs';
import { holds, report, row } from './table.mjs';

let media, lesson;
const behind = (...a) => onLine(() => lesson, ...a);

before(async () => {
  media = makeMedia();
  lesson = await makeClass({ media, viewers: ['blackout', 'nat', 'walker', 'mover', 'wall', 'witness'] });
}, { timeout: 120_000 });
after(async () => {
  await lesson?.close();
  media?.remove();
  report();
});

behind('blackout', 'three seconds of nothing: the picture is back at once', async (v, rig, name) => {
  await rig.shape(name, { delay: 20 });
  await rig.shape(name, { cut: 1 });
  await pause(3_000);
  await rig.shape(name, { cut: 0 });
  const since = Date.now();
  const backMs = await v.when(since, 'the picture', () => true, 20).catch(() => 20_000);
  const f = await v.measure(5_000);
  return row('3 s blackout', { backMs, ...f }, [['backMs', '<=', 1500, ' ms'], ['longestGapMs', '<=', 1000, ' ms']]);
});

behind('nat', 'a new address behind the same router: nobody notices', async (v, rig, name) => {
  const f = await v.measure(async () => {
    rig.behindNewAddress(name);
    await pause(8_000);
  });
  return row('new address (router)', f, [['longestGapMs', '<=', 1000, ' ms']]);
});

const another = (line) => async (v, rig, name) => {
  const f = await v.measure(async () => {
    rig.moved(name);
    await pause(12_000);
  });
  return row(line, f, [['silenceMs', '<=', 1000, ' ms'], ['longestGapMs', '<=', 1000, ' ms']]);
};
behind('walker', 'another network, of somebody who only watches: the class goes on', another('new address (own), only watches'), { who: { permissions: [] } });
behind('mover', 'another network: the class goes on', another('new address (own)'), { settled: true });

behind('witness', 'the server dies and comes back: so does everybody, nobody presses anything', async (v) => {
  const since = await lesson.restart();
  const backMs = await v.when(since, 'the picture', () => true, 40).catch(() => 40_000);
  return row('server killed and started', { backMs, ...(await v.measure(3_000)) }, [['backMs', '<=', 15000, ' ms'], ['longestGapMs', '<=', 1000, ' ms']]);
});

test('only TCP is let through: the class is joined', { timeout: 180_000 }, async (t) => {
  lesson.rig.onlyTcp('wall');
  await holds(t, async () => {
    const p = await lesson.browserAt('wall');
    await enter(p.page, lesson.path, { name: 'Богдан' });
    let joinMs = 30_000;
    for (const end = Date.now() + 30_000; Date.now() < end; await pause(50)) {
      const { frames, submitted } = await lesson.log(p.page);
      if (frames.length === 0) continue;
      joinMs = frames[0][0] - submitted;
      break;
    }
    await p.end();
    return row('only TCP', { joinMs }, [['joinMs', '<=', 2000, ' ms']]);
  }, () => lesson.server);
});
