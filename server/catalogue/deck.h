/* deck — slides of an event: a PDF uploaded piece by piece and the pages made of it, as rows and as files in
 * DATA/decks/<event>/ that all begin with the deck's id. How much of a PDF has come is the size of its file,
 * so a crash loses no more than a piece. Thread: the connection's; one writer a file (flock). Limits:
 * enumerators. */
#ifndef DECK_H
#define DECK_H
#include "media/base/arena.h"
#include "server/rooms/slides.h"
#include "server/store/datadir.h"
#include "server/store/store.h"

enum {
    DECK_ID_CHARS = 10,
    DECK_TITLE_CHARS = 120, /* code points */
    DECK_TITLE_MAX = 4 * DECK_TITLE_CHARS,
    DECK_BYTES_MAX = 100 << 20,
    DECK_EVENT_BYTES_MAX = 500 << 20,     /* all of an event's */
    DECK_PER_EVENT_MAX = 2 * DECKS_MAX,   /* rows, failed ones and those taken out of the room among them */
    DECK_DISK_KEEP = 256 << 20,           /* left free on the disk */
    DECK_STALE_MS = 24 * 3600 * 1000,     /* an upload not finished by then is given up */
    DECK_DIR_MAX = DATADIR_PATH_MAX + 64, /* bytes of a directory's path */
    DECK_PATH_MAX = DECK_DIR_MAX + 64,
};

enum deck_state { DECK_UPLOADING, DECK_WAITING, DECK_WORKING, DECK_READY, DECK_FAILED, DECK_STATE_COUNT };
/* Why no pages could be made. */
enum deck_why {
    DECK_FINE,
    DECK_BROKEN,
    DECK_LOCKED,
    DECK_PAGES,
    DECK_OFFICE,
    DECK_HEAVY,
    DECK_SERVER,
    DECK_WHY_COUNT
};
const char *deck_state_name(enum deck_state s);
const char *deck_why_name(enum deck_why w); /* "" "broken" "locked" "pages" "office" "heavy" "server" */

struct deck_row {
    char id[DECK_ID_CHARS + 1], event[33], title[DECK_TITLE_MAX + 1];
    int64_t bytes, percent, pages, created_at;
    enum deck_state state;
    enum deck_why why;
};

/* Fills id. -ERR_FULL: so many decks or bytes of an event; or the disk. Uploads long given up are removed
 * first. */
int deck_add(struct store *s, const char *data, struct deck_row *d, int64_t now_ms);
int deck_get(struct store *s, const char *event, struct str id, struct deck_row *out); /* -ERR_MISSING */
int deck_list(struct store *s, const char *event,
              struct deck_row out[DECK_PER_EVENT_MAX]); /* number or -ERR_x */
/* Rows and files; while its pages are being made -ERR_CONFLICT. */
int deck_drop(struct store *s, const char *data, const struct deck_row *d);
void deck_drop_event(const char *data, const char *event); /* all files of a deleted event */
/* The files of every event that has no row here: what a crash left of a deleted one, and of one that was
 * forgotten at its end. -ERR_x when it could not look. */
int deck_sweep(struct store *s, const char *data);

int64_t deck_received(const char *data, const struct deck_row *d); /* bytes of the PDF that are there */
/* One piece at `offset`, which must be what deck_received says, else -ERR_CONFLICT. With the last one the row
 * waits for its pages and *whole is set. -ERR_BUSY: another piece is being written. */
int deck_piece(struct store *s, const char *data, const struct deck_row *d, int64_t offset,
               struct bytes piece, bool *whole);

/* ---- for who makes the pages ---- */
int deck_lease(struct store *s, struct deck_row *out);  /* 1, 0 none waits, -ERR_x */
int deck_untold(struct store *s, struct deck_row *out); /* the same of those the room has not heard of */
int deck_progress(struct store *s, const struct deck_row *d, int64_t percent);
int deck_ready(struct store *s, const struct deck_row *d,
               int64_t pages); /* -ERR_MISSING: deleted meanwhile */
int deck_failed(struct store *s, const struct deck_row *d, enum deck_why why);
int deck_return(struct store *s); /* what a crash left at work waits again */
int deck_told(struct store *s, const struct deck_row *d);

/* DATA/decks/<event>; -ERR_INVALID for an id that is no plain name. */
int deck_dir(const char *data, const char *event, char dst[DECK_DIR_MAX]);
/* What was made of its PDF so far, but not the PDF. */
void deck_remove_work(const char *data, const struct deck_row *d);
/* Every file of one deck. */
void deck_remove_files(const char *data, const char *event, const char *id);

#endif
