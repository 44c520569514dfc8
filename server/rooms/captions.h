/* captions — what is said, as somebody writes it down: lines of text in a language, to all, in the log and so
 * in the lesson; the room itself keeps the last of them for who comes late. Who may write is a permission of
 * the format, and whoever a host names; who wrote a line, or who moderates, may change it or take it back
 * while the room keeps it. A line begins a while before it is sent: when its first letter was there. What is
 * being typed is no event (server/signaling/captioning). Pure. Ownership: the room's. Limits: enumerators
 * below; a line has at most ROOM_LINE_CHARS. */
#ifndef CAPTIONS_H
#define CAPTIONS_H
#include "server/rooms/event.h"

enum {
    CAPTIONS_KEEP = 200,       /* that can be changed, */
    CAPTIONS_TOLD = 20,        /* and of these who comes late is told */
    CAPTION_LANG_MAX = 3,      /* letters: ISO 639 */
    CAPTION_AGO_MAX_MS = 60000 /* from its first letter to its end */
};

struct caption {
    uint64_t seq, ago_ms;
    uint64_t once; /* its author's own number for it, 0 = none */
    int64_t at_ms;
    char by[ROOM_ID_MAX + 1], lang[CAPTION_LANG_MAX + 1];
    char *text; /* heap; NULL: it was taken back, and is known when it is sent again */
};
struct captions {
    struct caption *v; /* ring, heap */
    size_t first, count;
};

struct room;
struct member;
bool captions_may(const struct room *r, const struct member *m);       /* write them */
bool captions_lang_ok(struct str lang);                                /* two or three small letters */
const struct caption *captions_at(const struct captions *c, size_t i); /* 0 = the oldest kept */

#endif
