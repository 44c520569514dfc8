/* fold — text as people read it, not as they type it: code points of UTF-8 one by one, and a form in which
 * what differs in case, in the kind of apostrophe or in how an accent is written is the same. Made for
 * Ukrainian and the scripts around it; what it does not know stays as it is. Pure. Thread: any. */
#ifndef FOLD_H
#define FOLD_H
#include "media/base/buf.h"

uint32_t fold_next(struct str *s); /* off the front; 0 at the end; malformed bytes read as blanks */
size_t fold_put(char dst[4], uint32_t c);
bool fold_is_apostrophe(uint32_t c);
uint32_t fold_lower(uint32_t c);
/* The folded form, appended: small letters, one kind of apostrophe, й and ї as one character each however
 * they were typed, every run of blanks one blank. */
void fold_text(struct buf *dst, struct str text);

#endif
