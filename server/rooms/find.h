/* find — what somebody looks for in a room's chat: words, or what stands around one message. It is fed the
 * chat's events from the newest back, so a change or a deletion is known before the message it is of; what
 * the asker may not read is as if it were not there. Pure. Ownership: struct find owns its results until
 * find_fini; a query is a value. Limits: enumerators below. */
#ifndef FIND_H
#define FIND_H
#include "server/rooms/room.h"

enum {
    FIND_TEXT_CHARS = 100, /* code points of what is looked for */
    FIND_WORDS_MAX = 8,
    FIND_RESULTS = 20,        /* of one answer; the next one goes on from there */
    FIND_AROUND = 15,         /* messages on each side of the one wanted */
    FIND_LINES_MAX = 100000,  /* of chat looked at for one answer; the next one goes on from there */
    FIND_CHANGES_MAX = 20000, /* messages changed or deleted that are remembered meanwhile: likewise, but not
                               * past so many changes of what is older than all of them */
    FIND_KNOWN_MAX = 32,      /* whose names one finds where names are hidden; of more the numbers */
};

/* What a member may read: what is for all, by him, for him; for the hosts; at his table since it was laid.
 * And whose names he may know (names.h): a name that is hidden is not found either. */
struct find_reader {
    char id[ROOM_ID_MAX + 1];
    bool leads, is_blind;
    uint64_t table, table_after;
    char known[FIND_KNOWN_MAX][ROOM_ID_MAX + 1];
    size_t known_n;
};
struct find_query {
    struct find_reader reader;
    uint64_t around; /* 0 = look for words */
    uint64_t before; /* only older ones, 0 = all */
    char text[4 * FIND_TEXT_CHARS + 1];
};

struct found {
    struct room_chat c; /* its text is owned */
    bool is_private;
};
struct find {
    const struct find_query *q; /* borrowed */
    struct buf words;           /* folded, each ended by '\n' */
    struct map changes;         /* n → text it was changed to, or the mark of a deleted one */
    struct found *v;            /* newest first */
    size_t n, cap, lines, after;
    uint64_t next; /* there may be more before this one, 0 = no */
};

/* A query's words: 1 to FIND_TEXT_CHARS characters with something to see. */
bool find_text_ok(struct str text);
void find_reader_of(struct find_reader *out, const struct room *r, const struct member *m);
bool find_may_read(const struct find_reader *w, const struct found *f);

void find_init(struct find *f, const struct find_query *q);
void find_fini(struct find *f);
/* The next older event, of any kind. False: nothing older is needed. */
bool find_take(struct find *f, const struct event *e);
/* The same out of what the room itself remembers, where nothing is in a file. */
void find_in_room(struct find *f, const struct room *r);

#endif
