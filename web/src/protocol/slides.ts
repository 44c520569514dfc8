/* slides — the decks of a room: which there are, and which page everybody is shown. Pure. */

import type { RoomEvent } from './types';

export interface Deck {
  n: number;
  /** What its files are called after; '' = a board, one endless page. */
  file: string;
  text: string;
  pages: number;
  /** Where it was shown last. */
  page: number;
  /** A board on which everybody may draw. */
  open?: boolean;
}

export interface Slides {
  decks: readonly Deck[];
  /** The number of the deck that is shown, 0: none. */
  shown: number;
}

export const NO_SLIDES: Slides = { decks: [], shown: 0 };

export const deckOf = (d: Partial<Deck> & { n: number }): Deck => ({
  n: d.n,
  file: d.file ?? '',
  text: d.text ?? '',
  pages: d.pages ?? 1,
  page: d.page ?? 1,
  ...(d.open ? { open: true } : {}),
});

export const isBoard = (d: Deck): boolean => d.file === '';

export const slidesOf = (s: Partial<Slides> | undefined): Slides =>
  s ? { decks: (s.decks ?? []).map(deckOf), shown: s.shown ?? 0 } : NO_SLIDES;

export const shownDeck = (s: Slides): Deck | null => s.decks.find((d) => d.n === s.shown) ?? null;

export const SLIDE_CHANGES: Record<string, (s: Slides, e: RoomEvent) => Slides> = {
  deck: (s, e) => ({ ...s, decks: [...s.decks.filter((d) => d.n !== e.seq), deckOf({ ...e, n: e.seq, page: 1 })] }),
  board: (s, e) => ({ ...s, decks: [...s.decks.filter((d) => d.n !== e.seq), deckOf({ n: e.seq, text: e.text ?? '' })] }),
  board_open: (s, e) => ({ ...s, decks: s.decks.map((d) => (d.n === e.n ? { ...d, open: e.on ?? false } : d)) }),
  deck_dropped: (s, e) => ({ decks: s.decks.filter((d) => d.n !== e.n), shown: s.shown === e.n ? 0 : s.shown }),
  slide: (s, e) => ({
    shown: e.n ?? 0,
    decks: s.decks.map((d) => (d.n === e.n && e.page ? { ...d, page: e.page } : d)),
  }),
};
