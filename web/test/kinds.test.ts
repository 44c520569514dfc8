/* kinds — the usual ones first, the others as a dictionary has them in the language. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usualFirst } from '../src/plan/kinds';

const kinds = [
  { id: 'auction', uk: 'Аукціон', en: 'Auction' },
  { id: 'contest-final', uk: 'Фінал конкурсу', en: 'Contest final' },
  { id: 'interactive-class', uk: 'Інтерактивне заняття', en: 'Interactive class' },
  { id: 'lesson', uk: 'Урок', en: 'Lesson' },
  { id: 'master-class', uk: 'Майстер-клас', en: 'Master class' },
  { id: 'webinar', uk: 'Вебінар', en: 'Webinar' },
  { id: 'ours', uk: 'Кіноклуб', en: 'Film club' },
];

test('the usual kinds come first, the others by name, in either language', () => {
  const ids = (lang: 'uk' | 'en', locale: string): string[] => usualFirst(kinds, (k) => k[lang], locale).map((k) => k.id);
  assert.deepEqual(ids('uk', 'uk-UA'), ['lesson', 'webinar', 'master-class', 'auction', 'interactive-class', 'ours', 'contest-final']);
  const chosen = kinds.map((k) => ({ ...k, default: k.id === 'ours' }));
  assert.deepEqual(usualFirst(chosen, (k) => k.uk, 'uk-UA').slice(0, 3).map((k) => k.id), ['ours', 'lesson', 'webinar']);
  assert.deepEqual(ids('en', 'en-GB'), ['lesson', 'webinar', 'master-class', 'auction', 'contest-final', 'ours', 'interactive-class']);
});
