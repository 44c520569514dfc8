// A student's line is cut: the page says so, comes back by itself, and has missed nothing; then the server itself is
// stopped and started again, and everybody returns to the room as it was.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { addPeople, enter, hop, launch, listen, makeData, people, person, serve, signIn, steps, watch, toasted } from './lib.mjs';

const step = steps(test);
let place, server, line, browser, teacher, student, path;

step('a webinar with a student behind a line that can be cut', async () => {
  place = makeData();
  addPeople(place.data);
  server = await serve(place.data);
  line = await hop(server.url);
  browser = await launch();
  teacher = await person(browser, server.url);
  student = await person(browser, line.url);
  await signIn(teacher.page, people.teacher);
  await teacher.page.goto('/events/new');
  await teacher.page.getByLabel('Назва').fill('Звʼязок');
  await teacher.page.getByRole('radio', { name: 'Вебінар' }).check();
  await teacher.page.getByRole('button', { name: 'Створити', exact: true }).click();
  await teacher.page.waitForURL(/\/e\/[a-z0-9]{10}$/);
  path = new URL(teacher.page.url()).pathname;
  await enter(teacher.page, path, { mic: true, camera: true });
  await teacher.page.getByRole('button', { name: 'Почати', exact: true }).click();
  await enter(student.page, path, { name: 'Марічка' });
  await watch(student.page, '.person video');
});

after(async () => {
  await browser?.close();
  await line?.close();
  await server?.stop();
  place?.remove();
});

const write = async (p, text) => {
  await p.page.getByLabel('Повідомлення', { exact: true }).fill(text);
  await p.page.keyboard.press('Enter');
};
const line1 = (p, text) => p.page.locator('.chat-log .line:not(.unsent)', { hasText: text });

/* The whole chat, in order. */
const said = ['Хто мене чує?', 'Я пишу без звʼязку', 'Чи дійшло?', 'Дійшло.'];

step('a cut is said in words within seconds, and the picture goes on meanwhile', async () => {
  line.cut();
  await student.page.getByText('Зʼєднання зникло, відновлюємо').first().waitFor({ timeout: 5000 });
  await watch(student.page, '.person video', { frames: 10 });
});

step('what is written meanwhile, here and there, arrives after the return, once', async () => {
  await write(teacher, 'Хто мене чує?');
  await line1(teacher, 'Хто мене чує?').waitFor();
  await write(student, 'Я пишу без звʼязку');
  await student.page.locator('.unsent', { hasText: 'Я пишу без звʼязку' }).waitFor();
  line.restore();
  await line1(student, 'Хто мене чує?').waitFor();
  await line1(teacher, 'Я пишу без звʼязку').waitFor();
  await student.page.locator('.unsent').waitFor({ state: 'detached' });
  for (const p of [teacher, student]) {
    assert.deepEqual(await p.page.locator('.chat-log .linked').allTextContents(), said.slice(0, 2));
  }
  await student.page.getByText('Зʼєднання зникло').first().waitFor({ state: 'detached' });
});

step('what arrived, though the cut took the answer, is there once', async () => {
  line.deafen();
  await write(student, 'Чи дійшло?');
  await line1(teacher, 'Чи дійшло?').waitFor();
  await student.page.locator('.unsent', { hasText: 'Чи дійшло?' }).waitFor();
  line.cut();
  line.restore();
  await line1(student, 'Чи дійшло?').waitFor();
  await student.page.locator('.unsent').waitFor({ state: 'detached' });
  await write(teacher, 'Дійшло.');
  for (const p of [teacher, student]) {
    await line1(p, 'Дійшло.').waitFor();
    assert.deepEqual((await p.page.locator('.chat-log .linked').allTextContents()).slice(2), said.slice(2));
  }
});

step('the others did not see the student leave', async () => {
  await teacher.page.getByRole('button', { name: 'Люди', exact: true }).last().click();
  assert.equal(await teacher.page.locator('.someone', { hasText: 'Марічка' }).count(), 1);
});

step('after the return picture and sound are there', async () => {
  await watch(student.page, '.person video', { frames: 15 });
  assert.ok((await listen(student.page)) > 0.05);
});

step('reloading the page comes back to the room without asking anything', async () => {
  await student.page.reload();
  await student.page.waitForSelector('.room');
  await watch(student.page, '.person video');
  assert.equal(await teacher.page.locator('.someone', { hasText: 'Марічка' }).count(), 1);
});

step('the server is stopped and started again: both return, media too, the chat is whole', async () => {
  const port = new URL(server.url).port;
  const media = server.media;
  await server.stop();
  await teacher.page.getByText('Зʼєднання зникло').first().waitFor();
  server = await serve(place.data, { listen: `127.0.0.1:${port}`, mediaPort: media });
  for (const p of [teacher, student]) {
    await p.page.getByText('Зʼєднання зникло').first().waitFor({ state: 'detached' });
  }
  await watch(student.page, '.person video', { frames: 15 });
  assert.ok((await listen(student.page)) > 0.05);
  assert.deepEqual(await student.page.locator('.chat-log .linked').allTextContents(), said);
  await write(student, 'Знову тут');
  await teacher.page.getByRole('button', { name: 'Чат', exact: true }).last().click();
  await line1(teacher, 'Знову тут').waitFor();
});

step('joining in a second tab takes the place of the first, which says so and stays away', async () => {
  const second = await student.context.newPage();
  await second.goto(`${path}/join`);
  await second.getByLabel('Ваше імʼя').fill('Марічка');
  await second.locator('.join button[type=submit]').click();
  await second.waitForSelector('.room');
  await student.page.getByRole('heading', { name: 'Ви увійшли в іншому місці' }).last().waitFor();
  await watch(second, '.person video');
  student = { ...student, page: second };
});

step('the teacher removes the student, who is told, and of nothing older beside it', async () => {
  await student.page.getByRole('button', { name: 'Підняти руку' }).click();
  await teacher.page.getByRole('button', { name: 'Люди', exact: true }).last().click();
  await teacher.page.getByRole('button', { name: 'Надати слово' }).click();
  await toasted(student.page, 'Вам надано слово');
  await teacher.page.getByRole('button', { name: 'Дії: Марічка' }).click();
  await teacher.page.getByRole('menuitem', { name: 'Вивести й не впускати' }).click();
  await teacher.page.getByRole('dialog').getByRole('button', { name: 'Вивести й не впускати' }).click();
  await student.page.getByRole('heading', { name: 'Вас вивели з кімнати' }).last().waitFor();
  assert.equal(await student.page.locator('.toast', { hasText: 'Вам надано слово' }).count(), 0);
});

step('no page complained', () => {
  assert.deepEqual([...teacher.problems, ...student.problems], []);
});
