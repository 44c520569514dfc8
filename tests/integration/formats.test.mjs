// Kinds of events kept by the staff: one is copied, saved with mistakes, mended; another's change is not overwritten; a
// teacher makes an event of it on a phone, and its rule holds in the room, also after the kind was changed again.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { enter, launch, people, person, PHONE, run, signIn, start, steps, tooSmall, WIDE } from './lib.mjs';
import { complaints, settled, tooWide } from './looks.mjs';

const step = steps(test);
const root = { name: 'Роман Керівник', email: 'root@test.local', password: 'довгий пароль 3' };
let server, browser, staff, second, teacher, pupil, path;

/** Nothing axe or a phone complains of; a picture for whoever wants one (SCREENS=folder). */
async function looked(p, name, touch = false) {
  await settled(p.page);
  if (touch) assert.deepEqual(await tooSmall(p.page), [], name); // first: a picture of the whole page takes the fingers away
  if (process.env.SCREENS) {
    mkdirSync(process.env.SCREENS, { recursive: true });
    await p.page.screenshot({ path: join(process.env.SCREENS, `${name}.png`), fullPage: true });
  }
  assert.deepEqual(await complaints(p.page), [], name);
  assert.equal(await tooWide(p.page), false, name);
}

before(async () => {
  server = await start();
  run(['user', 'add', '--data', server.data, '--role', 'staff', '--name', root.name, '--email', root.email, '--password-stdin'], { input: `${root.password}\n` });
  browser = await launch();
  staff = await person(browser, server.url, { viewport: WIDE });
  await signIn(staff.page, root);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

step('a copy is saved with mistakes: each is told beside its field, and mended', async () => {
  const { page } = staff;
  await page.getByRole('button', { name: /Обліковий запис/ }).click();
  await page.getByRole('menuitem', { name: 'Види подій' }).click();
  await page.getByRole('heading', { name: 'Види подій', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Скопіювати: Вебінар', exact: true }).waitFor();
  await looked(staff, 'formats-list');
  await page.getByRole('link', { name: 'Скопіювати: Вебінар', exact: true }).click();
  await page.getByLabel('Назва українською').fill('Читацький клуб');
  await page.getByLabel('Назва англійською').fill('');
  await page.getByLabel('Опис українською').fill('Читаємо вголос і мовчимо в чаті.');
  await page.getByLabel('Що лишається після події').selectOption('counts');
  await page.getByRole('checkbox', { name: 'Писати в чат: Учасник' }).uncheck();
  assert.ok(await page.getByRole('checkbox', { name: 'Починати й завершувати подію: Учасник' }).isDisabled());
  await page.getByRole('button', { name: 'Створити вид' }).click();
  await page.getByRole('alert').filter({ hasText: 'Треба виправити 2 місця' }).waitFor();
  assert.equal(await page.getByLabel('Назва англійською').getAttribute('aria-invalid'), 'true');
  await page.getByText('Якщо не лишати нічого, запис має бути «Ніколи».').waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
  await looked(staff, 'formats-wrong');
  await page.getByLabel('Назва англійською').fill('Reading club');
  await page.getByLabel('Що лишається після події').selectOption('all');
  await page.getByText('Чат вони тільки читають.').waitFor();
  await page.getByRole('button', { name: 'Створити вид' }).click();
  await page.waitForURL(/\/admin\/formats\/reading-club$/);
  await page.locator('.format-log li', { hasText: root.name }).waitFor();
});

step('what is not saved is asked about; two do not overwrite one another', async () => {
  const { page } = staff;
  second = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true, colorScheme: 'dark' });
  await signIn(second.page, root);
  await second.page.goto('/admin/formats/reading-club');
  await second.page.getByLabel('Назва англійською').waitFor();
  await looked(second, 'formats-phone', true);
  await page.getByLabel('Опис англійською').fill('We read aloud.');
  await page.getByRole('link', { name: 'Види подій' }).click();
  const dialog = page.getByRole('dialog', { name: 'Піти без збереження?' });
  await looked(staff, 'formats-leave');
  await dialog.getByRole('button', { name: 'Скасувати' }).click();
  await page.getByRole('button', { name: 'Зберегти' }).click();
  await page.locator('.format-log li', { hasText: 'змінено' }).waitFor();
  await second.page.getByLabel('Назва англійською').fill('Book club');
  await second.page.getByRole('button', { name: 'Зберегти' }).click();
  await second.page.getByRole('alert').filter({ hasText: 'змінив хтось інший' }).waitFor();
  await second.page.getByRole('button', { name: 'Відкрити заново' }).click();
  await second.page.waitForFunction(() => [...document.querySelectorAll('textarea')].some((x) => x.value === 'We read aloud.'));
  assert.equal(await second.page.getByLabel('Назва англійською').inputValue(), 'Reading club');
});

step('a teacher makes an event of it on a phone, and its rule holds in the room', async () => {
  teacher = await person(browser, server.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  const { page } = teacher;
  await signIn(page, people.teacher);
  await page.goto('/events/new');
  await page.getByLabel('Назва').fill('Читаємо');
  await page.getByRole('radio', { name: 'Читацький клуб' }).check();
  await page.getByText('Читаємо вголос і мовчимо в чаті.').waitFor();
  await looked(teacher, 'formats-create', true);
  await page.getByRole('button', { name: 'Створити', exact: true }).click();
  await page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(page.url()).pathname;
  await enter(page, path, { mic: false, camera: false });
  await page.getByRole('button', { name: 'Почати', exact: true }).click();
  pupil = await person(browser, server.url, { viewport: WIDE });
  await enter(pupil.page, path, { name: 'Ганна' });
  await pupil.page.getByText('У цій події чат можна лише читати.').waitFor();
});

step('the kind is changed, hidden and not to be deleted; the event goes on by the rules it was opened with', async () => {
  const { page } = staff;
  await page.getByRole('checkbox', { name: 'Писати в чат: Учасник' }).check();
  await page.getByRole('button', { name: 'Зберегти' }).click();
  await page.locator('.format-log li', { hasText: 'змінено' }).nth(1).waitFor();
  await pupil.page.reload();
  await pupil.page.waitForSelector('.room, .join');
  if (await pupil.page.locator('.join').count()) await pupil.page.locator('.join button[type=submit]').click();
  await pupil.page.getByText('У цій події чат можна лише читати.').waitFor();
  await page.getByRole('button', { name: 'Ще: Читацький клуб' }).click();
  await page.getByRole('menuitem', { name: 'Видалити' }).click();
  const refusal = page.getByRole('dialog').filter({ hasText: 'має події' });
  await looked(staff, 'formats-used');
  await refusal.getByRole('button', { name: 'Приховати' }).click();
  await page.locator('.format-log li', { hasText: 'приховано' }).waitFor();
  const other = await teacher.context.newPage();
  await other.goto('/events/new');
  await other.getByRole('radio', { name: 'Вебінар' }).waitFor({ state: 'attached' });
  assert.equal(await other.getByRole('radio', { name: 'Читацький клуб' }).count(), 0);
  await other.goto('/admin/formats');
  await other.getByText('Види подій ведуть працівники центру').waitFor();
  for (const p of [staff, second, teacher, pupil]) assert.deepEqual(p.problems, []);
});
