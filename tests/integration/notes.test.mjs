// Notes written together, by clicking and typing: two people write at once, one is cut off and writes on, the server is
// killed in the middle, and in the end both, a newcomer and the lesson have the same text, with everything in it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { addPeople, enter, hop, launch, makeData, PHONE, people, person, serve, signIn, steps, tooSmall } from './lib.mjs';
import { complaints, settled, tooWide } from './looks.mjs';

const step = steps(test);
let place, server, line, browser, host, ann, bob, path;

const text = (p) => p.page.locator('.notes-field').inputValue();
const has = (p, part) => p.page.waitForFunction((t) => document.querySelector('.notes-field')?.value.includes(t), part);
const saved = (p) => p.page.locator('[data-notes=saved]').waitFor();
/** Until all have one text, with all these lines in it. */
async function agree(pages, lines) {
  for (const p of pages) for (const l of lines) await has(p, l);
  const first = await text(pages[0]);
  for (const p of pages) assert.equal(await text(p), first);
  return first;
}
/** At the end of the n-th line, from 1. */
const caretAt = (p, n) => p.page.locator('.notes-field').evaluate((el, k) => {
  el.focus();
  const end = el.value.split('\n').slice(0, k).join('\n').length;
  el.setSelectionRange(end, end);
}, n);
async function looked(p, name, { touch = false } = {}) {
  await settled(p.page);
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
  if (touch) assert.deepEqual(await tooSmall(p.page), [], name);
  if (process.env.SCREENS) await p.page.screenshot({ path: `${process.env.SCREENS}/${name}.png` });
}

before(async () => {
  place = makeData();
  addPeople(place.data);
  server = await serve(place.data);
  line = await hop(server.url);
  browser = await launch();
  host = await person(browser, server.url);
  ann = await person(browser, line.url, { viewport: PHONE, hasTouch: true, isMobile: true, locale: 'en-GB', colorScheme: 'dark' });
  await signIn(host.page, people.teacher);
  await host.page.goto('/events/new');
  await host.page.getByLabel('Назва').fill('Спільні нотатки');
  await host.page.getByRole('radio', { name: 'Майстер-клас' }).check();
  await host.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await host.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(host.page.url()).pathname;
  await enter(host.page, path, { mic: false, camera: false });
});

after(async () => {
  await browser?.close();
  await line?.close();
  await server?.stop();
  place?.remove();
});

step('the host begins a page of notes, a participant finds it written', async () => {
  const fetched = [];
  host.page.on('request', (r) => /notes/.test(r.url()) && fetched.push(r.url()));
  assert.deepEqual(fetched, [], 'nothing of it is loaded before it is opened');
  await host.page.getByRole('button', { name: 'Нотатки', exact: true }).click();
  await host.page.locator('.notes-field').waitFor();
  assert.ok(fetched.length > 0);
  await looked(host, 'notes-empty');
  await host.page.locator('.notes-field').click();
  await host.page.keyboard.type('# План\nперше\nдруге\n');
  await saved(host);
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await ann.page.goto(`${path}/join`);
  await ann.page.getByLabel('Your name').fill('Hanna');
  await ann.page.locator('.join button[type=submit]').click();
  await ann.page.waitForSelector('.room');
  await ann.page.getByRole('button', { name: 'Chat', exact: true }).last().tap();
  await ann.page.getByRole('button', { name: 'Notes', exact: true }).tap();
  await has(ann, '# План\nперше\nдруге\n');
});

step('both write at once, in lines of their own and in the same one', async () => {
  await caretAt(host, 2);
  await caretAt(ann, 3);
  await Promise.all([host.page.keyboard.type(' від ведучої', { delay: 30 }), ann.page.keyboard.type(' by Hanna 😀', { delay: 30 })]);
  await agree([host, ann], ['перше від ведучої\n', 'друге by Hanna 😀\n']);
  await host.page.locator('.notes-writers', { hasText: 'Hanna' }).waitFor();
  await looked(host, 'notes-host');
  await looked(ann, 'notes-phone', { touch: true });
  await caretAt(host, 1);
  await caretAt(ann, 1);
  await Promise.all([host.page.keyboard.type(' АБВ', { delay: 30 }), ann.page.keyboard.type(' XYZ', { delay: 30 })]);
  await saved(host);
  await saved(ann);
  await ann.page.waitForFunction(() => /АБВ/.test(document.querySelector('.notes-field').value));
  await host.page.waitForFunction(() => /XYZ/.test(document.querySelector('.notes-field').value));
  await agree([host, ann], ['# План']);
});

step('what others write leaves the caret where it is, and undo takes back one\'s own only', async () => {
  await caretAt(host, 3);
  await caretAt(ann, 1);
  await ann.page.keyboard.type(' ahead', { delay: 30 });
  await has(host, ' ahead');
  await host.page.keyboard.type('!');
  await agree([host, ann], ['друге by Hanna 😀!\n', ' ahead']);
  await host.page.keyboard.press('Control+z');
  await ann.page.waitForFunction(() => !document.querySelector('.notes-field').value.includes('😀!'));
  await agree([host, ann], [' ahead', 'друге by Hanna 😀\n']);
});

step('one who is cut off writes on, and both have everything after the return', async () => {
  line.cut();
  await ann.page.getByText('The connection is lost').first().waitFor();
  await caretAt(ann, 4);
  await ann.page.keyboard.type('offline line\n');
  await ann.page.getByText('Go on writing').waitFor();
  await caretAt(host, 2);
  await host.page.keyboard.type(' тим часом');
  await saved(host);
  line.restore();
  await agree([host, ann], ['offline line\n', ' тим часом\n']);
  await saved(ann);
});

step('the server is killed in the middle of a word, and nothing of it is lost', async () => {
  const typing = host.page.locator('.notes-field').evaluate((el) => el.focus()).then(async () => {
    await caretAt(host, 2);
    await host.page.keyboard.type(' і далі без зупинки', { delay: 60 });
  });
  await has(ann, ' і');
  await server.kill();
  await typing;
  server = await serve(place.data, { listen: new URL(server.url).host });
  await agree([host, ann], [' тим часом і далі без зупинки\n', 'offline line\n', 'by Hanna 😀\n']);
  await saved(host);
});

step('a newcomer and a reload find the same', async () => {
  bob = await person(browser, server.url, { colorScheme: 'dark' });
  await enter(bob.page, path, { name: 'Богдан' });
  await bob.page.getByRole('button', { name: 'Нотатки', exact: true }).click();
  await has(bob, 'offline line');
  await ann.page.reload();
  await ann.page.waitForSelector('.room, .join');
  if (await ann.page.locator('.join').count()) await ann.page.locator('.join button[type=submit]').tap();
  await ann.page.waitForSelector('.room');
  await ann.page.getByRole('button', { name: 'Chat', exact: true }).last().tap();
  await ann.page.getByRole('button', { name: 'Notes', exact: true }).tap();
  await agree([host, ann, bob], ['offline line\n', ' і далі без зупинки\n']);
  await looked(bob, 'notes-dark');
});

step('they are taken along as a file, and stay with the lesson', async () => {
  const whole = await text(host);
  const [file] = await Promise.all([host.page.waitForEvent('download'), host.page.getByRole('button', { name: 'Завантажити', exact: true }).click()]);
  assert.match(file.suggestedFilename(), /^Нотатки - Спільні нотатки\.md$/);
  assert.equal(readFileSync(await file.path(), 'utf8'), whole);
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Завершити' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Завершити' }).click();
  await host.page.waitForSelector('.state');
  await host.page.goto(path);
  for (let i = 0; i < 40 && (await host.page.locator('.lesson-main').count()) === 0; i++) {
    await host.page.waitForTimeout(500);
    await host.page.reload();
    await host.page.waitForSelector('main');
  }
  await host.page.locator('.notes-read').waitFor();
  assert.equal((await host.page.locator('.notes-read').innerText()).trim(), whole.trim());
  await looked(host, 'notes-lesson');
});

test('nothing was thrown on any page', () => {
  for (const p of [host, ann, bob]) assert.deepEqual(p.problems, []);
});
