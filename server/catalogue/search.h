/* search — turns text into what the index keeps, and what people type into a query for it, so that a
 * Ukrainian word is found in any of its forms: no stemmer knows them all, so endings are cut and the rest is
 * looked up as a prefix. Pure. Thread: any. Limits: enumerators. */
#ifndef SEARCH_H
#define SEARCH_H
#include "media/base/buf.h"

enum { SEARCH_WORDS_MAX = 8, SEARCH_WORD_CHARS = 32, SEARCH_QUERY_MAX = 2048 };

/* Text for the index: apostrophes inside words go, so that м’ята, м'ята and мʼята are one word. */
void search_text(struct buf *dst, struct str text);
/* An FTS5 expression; "" when there is nothing to look for. Nothing typed can be FTS5 syntax. */
void search_query(char dst[SEARCH_QUERY_MAX + 1], struct str typed);

#endif
