// The check before entering: about how fast the line is each way, what that is good for and what to do, in words; and
// all of it remembered on the device for the next time.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { launch, people, person, PHONE, signIn, start, steps } from './lib.mjs';
import { complaints, tooWide } from './looks.mjs';

const step = steps(test);
let server, browser, teacher, learner, path;

after(async () => {
  await browser?.close();
  await server?.stop();
});

const verdict = (page) => page.locator('.join-side [data-room]');
const sizes = (page) => {
  const asked = [];
  page.on('request', (r) => /\/api\/speed$/.test(r.url()) && asked.push(r.method()));
  return asked;
};

/** Notes every place where the button to go in was seen on the page. */
const watchButton = (page) => page.addInitScript(() => {
  window.tops = [];
  const look = () => {
    const b = document.querySelector('.join button[type=submit]');
    const top = b && Math.round(b.getBoundingClientRect().top + scrollY);
    if (b && window.tops.at(-1) !== top) window.tops.push(top);
    requestAnimationFrame(look);
  };
  look();
});
const stoodStill = async (page) => assert.equal((await page.evaluate(() => window.tops)).length, 1, `the button moved: ${await page.evaluate(() => window.tops)}`);

step('a teacher learns both ways', async () => {
  server = await start();
  browser = await launch();
  teacher = await person(browser, server.url);
  const asked = sizes(teacher.page);
  await watchButton(teacher.page);
  await signIn(teacher.page, people.teacher);
  await teacher.page.goto('/events/new');
  await teacher.page.getByLabel('Назва').fill('Перевірка перед уроком');
  await teacher.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await teacher.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(teacher.page.url()).pathname;
  await teacher.page.goto(`${path}/join`);
  await verdict(teacher.page).waitFor();
  assert.match(await verdict(teacher.page).textContent(), /До вас близько [\d,]+ .+біт\/с\. Від вас близько [\d,]+ .+біт\/с\./);
  assert.ok(asked.includes('GET') && asked.includes('POST'), asked.join());
  await stoodStill(teacher.page);
  assert.deepEqual(await complaints(teacher.page), []);
});

step('the loudspeaker is tried by a sound of its own', async () => {
  const { page } = teacher;
  await page.evaluate(() => {
    window.played = 0;
    const start = AudioScheduledSourceNode.prototype.start;
    AudioScheduledSourceNode.prototype.start = function (...a) {
      window.played++;
      return start.apply(this, a);
    };
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
      window.played++;
      return play.call(this);
    };
  });
  await page.getByRole('button', { name: 'Перевірити звук' }).click();
  await page.waitForFunction(() => window.played > 0);
  await page.getByRole('button', { name: 'Перевірити звук' }).waitFor();
});

step('the next time it begins with the last result, and does not load the line again', async () => {
  const asked = sizes(teacher.page);
  await teacher.page.getByRole('button', { name: 'Камера', exact: true }).click();
  await teacher.page.locator('.join button[type=submit]').click();
  await teacher.page.waitForSelector('.room');
  await teacher.page.goto(`${path}/join`);
  await verdict(teacher.page).waitFor();
  assert.deepEqual(asked, []);
  assert.equal(await teacher.page.getByRole('button', { name: 'Камера', exact: true }).getAttribute('aria-pressed'), 'false');
  assert.equal(await teacher.page.getByRole('button', { name: 'Мікрофон', exact: true }).getAttribute('aria-pressed'), 'true');
});

step('on a thin line it says what to do, and does it', async () => {
  learner = await person(browser, server.url, { viewport: PHONE });
  const { page } = learner;
  await watchButton(page);
  await page.goto(path); /* the page itself comes over a good line */
  const line = await learner.context.newCDPSession(page);
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', { offline: false, latency: 40, downloadThroughput: 16_000, uploadThroughput: 16_000 });
  await page.evaluate((to) => history.pushState(null, '', to), `${path}/join`);
  await page.evaluate(() => dispatchEvent(new PopStateEvent('popstate')));
  await page.locator('.join-side [data-room=save]').waitFor();
  assert.match(await verdict(page).textContent(), /Для відео цього замало/);
  await stoodStill(page);
  await page.getByRole('checkbox', { name: 'Заощаджувати трафік' }).check();
  assert.equal(await page.evaluate(() => localStorage.getItem('somhub.saver')), '1');
  assert.deepEqual(await complaints(page), []);
  assert.equal(await tooWide(page), false);
  assert.deepEqual([...teacher.problems, ...learner.problems], []);
});
