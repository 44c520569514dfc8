/* page — as much of a browser's page as the state of a room asks for: imported first by tests of it. */

export const page = { visibilityState: 'visible', documentElement: { lang: '', dataset: {} } };
Object.assign(globalThis, { document: page });
Object.defineProperty(globalThis, 'navigator', { value: { language: 'uk', languages: ['uk'] }, configurable: true });
