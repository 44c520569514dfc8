#include "server/signaling/note.h"
#include <assert.h>
#include "media/base/mem.h"

struct note *note_make(struct str text) {
    assert(text.n <= NOTE_MAX_BYTES);
    struct note *n = mem_zalloc(sizeof *n + NOTE_HEAD_BYTES + text.n);
    n->holds = 1;
    n->n = text.n;
    if (text.n)
        memcpy(note_text(n), text.p, text.n);
    return n;
}

struct note *note_hold(struct note *n) {
    n->holds++;
    return n;
}

void note_drop(struct note *n) {
    if (n && --n->holds == 0)
        mem_free(n);
}
