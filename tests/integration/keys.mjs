// Keys as a keyboard with the Ukrainian layout sends them: their place on the keyboard, and another letter.
const LETTERS = { KeyB: 'и', KeyC: 'с', KeyF: 'а', KeyJ: 'о', KeyK: 'л', KeyL: 'д', KeyM: 'ь', KeyP: 'з', KeyR: 'к', KeyV: 'м' };
const WITH_SHIFT = { Slash: ',', Digit7: '?', Period: 'Ю' };
const SHIFT = 8;

/** Presses and lets go; the Windows code of a letter's key is the one of its Latin letter whatever the layout. */
export async function pressUkrainian(person, code, { shift = false } = {}) {
  person.keyboard ??= await person.context.newCDPSession(person.page);
  const key = shift ? WITH_SHIFT[code] : LETTERS[code];
  if (!key) throw new Error(`no letter for ${code}`);
  const what = { code, key, modifiers: shift ? SHIFT : 0 };
  await person.keyboard.send('Input.dispatchKeyEvent', { ...what, type: 'keyDown', text: key });
  await person.keyboard.send('Input.dispatchKeyEvent', { ...what, type: 'keyUp' });
}
