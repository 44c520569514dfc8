/* note — one immutable text on its way to many sockets: encoded once, shared by reference. The count is
 * plain: control thread only. The room in front of the text is scratch for whoever frames it (LWS_PRE). */
#ifndef NOTE_H
#define NOTE_H
#include "media/base/str.h"

enum { NOTE_HEAD_BYTES = 32, NOTE_MAX_BYTES = 4 << 20 };

struct note {
    unsigned holds;
    size_t n;
    uint8_t bytes[]; /* NOTE_HEAD_BYTES of scratch, then n bytes of text */
};

struct note *note_make(struct str text); /* held once; aborts out of memory */
struct note *note_hold(struct note *n);
void note_drop(struct note *n); /* the last one frees; NULL is fine */
static inline uint8_t *note_text(struct note *n) { return n->bytes + NOTE_HEAD_BYTES; }
static inline struct str note_view(const struct note *n) {
    return (struct str){(const char *)n->bytes + NOTE_HEAD_BYTES, n->n};
}

#endif
