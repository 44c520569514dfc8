// What a host prepares on the event's page before the session: slides that are there when the room opens; an interpreter named by e-mail enters by her letter's link
// as an interpreter, with her console and channel, past the lobby.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { enter, launch, people, person, PHONE, signIn, start, steps, toasted, tooSmall } from './lib.mjs';
import { complaints } from './looks.mjs';
import { pdf } from './pdf.mjs';
import { sink } from './sink.mjs';

const step = steps(test);
let post, server, browser, host, iryna, guest, path;

after(async () => {
  await browser?.close();
  await server?.stop();
  await post?.close();
});

async function clean(page, name) {
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await page.screenshot({ path: join(process.env.SCREENS, `${name}.png`), fullPage: true });
  }
  assert.deepEqual(await complaints(page), [], name);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways`);
}

step('the host names an interpreter, who gets a letter of her own', async () => {
  post = await sink();
  server = await start({
    args: ['--set', `mail.server=${post.url}`, '--set', 'mail.from=som@example.org', '--set', 'mail.starttls=no', '--set', 'http.public_url=https://live.example.org'],
  });
  browser = await launch();
  host = await person(browser, server.url);
  const { page } = host;
  await signIn(page, people.teacher);
  const made = await page.evaluate(async (at) => {
    const csrf = (await (await fetch('/api/session')).json()).csrf;
    const r = await fetch('/api/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
      body: JSON.stringify({ title: 'Зустріч із гостями', starts_at: at, format: 'webinar', record: 'never', lobby: true }),
    });
    return r.json();
  }, Date.now() + 3_600_000);
  path = `/e/${made.event.id}`;
  await page.goto(path);
  await page.getByRole('button', { name: 'Призначити перекладача' }).click();
  await page.getByLabel('Електронна пошта').fill('iryna@example.org');
  await page.getByLabel(/^Імʼя/).fill('Ірина');
  await page.getByLabel('Мова, якою перекладає').selectOption('en');
  await clean(page, 'naming');
  await page.getByRole('button', { name: 'Запросити', exact: true }).click();
  await toasted(page, 'Запрошення надсилається');
  await page.getByText('Ірина').waitFor();
  await page.getByText(/Англійська/).waitFor();
  await clean(page, 'named');
});

step('slides are brought before anybody is in the room, and a file that is none is refused in words', async () => {
  const { page } = host;
  const file = (name, buffer) => page.getByLabel('Файл PDF').setInputFiles({ name, mimeType: 'application/pdf', buffer });
  await page.getByRole('heading', { name: 'Слайди' }).waitFor();
  await file('звіт.pdf', Buffer.from('no slides at all'));
  await page.getByText('Цей файл не вдалося прочитати як PDF.').waitFor();
  await file('Вступ.pdf', pdf([[200, 30, 30], [30, 150, 30], [30, 30, 200]]));
  await page.getByText('3 сторінки').waitFor();
  assert.equal(await page.getByText('Цей файл не вдалося прочитати').count(), 0);
  await clean(page, 'slides');
  await page.reload();
  await page.getByText('3 сторінки').waitFor();
});

step('by its link she enters as an interpreter into English, past the lobby; a guest waits there', async () => {
  const m = await post.until((p) => p.mails.find((x) => x.to.includes('iryna@example.org')), 'the invitation');
  assert.ok(m.parts['text/plain'].includes('Вас запрошують перекладати цю подію (мови: en).'), m.parts['text/plain']);
  assert.ok(m.parts['text/calendar'].includes('METHOD:REQUEST'));
  const mine = /\/r\/\w+/.exec(m.parts['text/plain'])[0];
  await enter(host.page, path);
  await host.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await host.page.getByRole('button', { name: 'Ведучому' }).click();
  await host.page.getByRole('menuitem', { name: 'Слайди', exact: true }).click();
  await host.page.getByRole('dialog').getByText('Вступ').waitFor();
  await host.page.getByRole('dialog').getByRole('button', { name: 'Показати всім' }).click();
  await host.page.getByText('1 / 3').first().waitFor();
  guest = await person(browser, server.url);
  await guest.page.goto(`${path}/join`);
  await guest.page.getByLabel('Ваше імʼя').fill('Гість');
  await guest.page.getByRole('button', { name: 'Увійти', exact: true }).click();
  iryna = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  await iryna.page.goto(mine);
  await iryna.page.getByText('Вас запрошено: можна одразу увійти.').waitFor();
  assert.deepEqual(await tooSmall(iryna.page), []);
  await enter(iryna.page, path);
  await iryna.page.getByRole('region', { name: 'Пульт перекладача' }).getByText('Англійська').waitFor();
  await guest.page.getByText('Ведучий зараз вас впустить').first().waitFor();
  await clean(iryna.page, 'console');
});

step('she is taken off the list, and her link is good no more', async () => {
  const { page } = host;
  await page.goto(path);
  await page.getByRole('button', { name: 'Прибрати: Ірина' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Прибрати' }).click();
  await page.getByText('Ірина').waitFor({ state: 'detached' });
  await post.until((p) => p.mails.find((x) => x.to.includes('iryna@example.org') && x.subject.includes('Участь скасовано')), 'the withdrawal');
});

step('no page complained', () => assert.deepEqual([...host.problems, ...iryna.problems, ...guest.problems], []));
