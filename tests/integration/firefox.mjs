// Firefox ESR under puppeteer-core (WebDriver BiDi), as a program of its own, so that it can be run within a network
// namespace: its debugging port is only there. A command is a line of JSON on stdin, {id, do, args}; its answer is one on
// stdout, {id, value} or {id, error}. Ends with its input.
//   node firefox.mjs [FIREFOX]
import { createInterface } from 'node:readline';
import puppeteer from 'puppeteer-core';

const browser = await puppeteer.launch({
  browser: 'firefox',
  executablePath: process.argv[2] ?? '/usr/bin/firefox-esr',
  headless: true,
  acceptInsecureCerts: true,
  timeout: 60_000,
  defaultViewport: { width: 1366, height: 768 },
  extraPrefsFirefox: {
    'media.navigator.streams.fake': true,
    'media.navigator.permission.disabled': true,
    'media.autoplay.default': 0,
    'media.volume_scale': '0.0',
    'intl.accept_languages': 'uk-UA,uk',
  },
});
const page = await browser.newPage();
page.setDefaultTimeout(20_000);
const problems = [];
page.on('pageerror', (e) => problems.push(String(e.message ?? e)));

const doings = {
  before: (source) => page.evaluateOnNewDocument(source),
  goto: (url) => page.goto(url).then(() => undefined),
  wait: (selector, timeout = 20_000) => page.waitForSelector(selector, { timeout }).then(() => undefined),
  click: (selector) => page.locator(selector).click(),
  fill: (selector, text) => page.locator(selector).fill(text),
  evaluate: (source) => page.evaluate(source),
  url: () => page.url(),
  picture: (path) => page.screenshot({ path }).then(() => undefined),
  problems: () => problems,
};

const say = (o) => process.stdout.write(`${JSON.stringify(o)}\n`);
say({ ready: await browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: name, args } = JSON.parse(line);
  try {
    say({ id, value: await doings[name](...args) });
  } catch (e) {
    say({ id, error: String(e.message ?? e) });
  }
}
await browser.close();
