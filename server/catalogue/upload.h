/* upload — what is brought to an event as a file, piece by piece, and made into something its room can show:
 * a PDF into slides, a video into what browsers play. Rows, and files in DATA/decks/<event>/ and
 * DATA/clips/<event>/ that all begin with the upload's id. How much of a file has come is its size, so a
 * crash loses no more than a piece. Thread: the connection's; one writer a file (flock). Limits: enumerators
 * and struct upload_rules. */
#ifndef UPLOAD_H
#define UPLOAD_H
#include "media/base/arena.h"
#include "server/rooms/slides.h"
#include "server/store/datadir.h"
#include "server/store/store.h"

enum {
    UPLOAD_ID_CHARS = 10,
    UPLOAD_TITLE_CHARS = 120, /* code points */
    UPLOAD_TITLE_MAX = 4 * UPLOAD_TITLE_CHARS,
    UPLOAD_PER_EVENT_MAX =
        2 * DECKS_MAX,                  /* rows of a kind, failed ones and those out of the room among them */
    UPLOAD_STALE_MS = 24 * 3600 * 1000, /* an upload not finished by then is given up */
    UPLOAD_DIR_MAX = DATADIR_PATH_MAX + 64, /* bytes of a directory's path */
    UPLOAD_PATH_MAX = UPLOAD_DIR_MAX + 64,
};

enum upload_kind { UPLOAD_SLIDES, UPLOAD_VIDEO, UPLOAD_KIND_COUNT };
struct upload_rules {
    const char *name, *dir, *ending; /* in the table; below DATA; of the file that was brought */
    int64_t bytes_max, event_bytes_max;
    int64_t disk_keep; /* left free on the disk */
};
const struct upload_rules *upload_rules(enum upload_kind k);

enum upload_state {
    UPLOAD_COMING,
    UPLOAD_WAITING,
    UPLOAD_WORKING,
    UPLOAD_READY,
    UPLOAD_FAILED,
    UPLOAD_STATE_COUNT
};
/* Why nothing could be made of it. */
enum upload_why {
    UPLOAD_FINE,
    UPLOAD_BROKEN,
    UPLOAD_LOCKED,
    UPLOAD_PAGES,
    UPLOAD_OFFICE,
    UPLOAD_HEAVY,
    UPLOAD_SERVER,
    UPLOAD_CUT,     /* a video that ends before its end */
    UPLOAD_CODEC,   /* one whose picture or sound nothing here can read */
    UPLOAD_PICTURE, /* one without a picture */
    UPLOAD_LONG,
    UPLOAD_SPACE, /* no room for it on the disk */
    UPLOAD_WHY_COUNT
};
const char *upload_state_name(enum upload_state s);
const char *upload_why_name(enum upload_why w); /* "" "broken" "locked" … */

struct upload {
    char id[UPLOAD_ID_CHARS + 1], event[33], title[UPLOAD_TITLE_MAX + 1];
    enum upload_kind kind;
    int64_t bytes, percent, pages, length_ms, created_at;
    enum upload_state state;
    enum upload_why why;
};

/* Of kind, event, title, bytes; fills id. -ERR_FULL: so many files or bytes of an event; or the disk, what
 * others were promised taken off. Uploads long given up are removed first. */
int upload_add(struct store *s, const char *data, struct upload *d, int64_t now_ms);
int upload_get(struct store *s, const char *event, enum upload_kind k, struct str id,
               struct upload *out); /* -ERR_MISSING */
int upload_list(struct store *s, const char *event, enum upload_kind k,
                struct upload out[UPLOAD_PER_EVENT_MAX]); /* number or -ERR_x */
/* Rows and files; while something is being made of it -ERR_CONFLICT. */
int upload_drop(struct store *s, const char *data, const struct upload *d);
void upload_drop_event(const char *data, const char *event); /* all files of a deleted event */
/* The files of every event that has no row here: what a crash left of a deleted one, and of one that was
 * forgotten at its end. -ERR_x when it could not look. */
int upload_sweep(struct store *s, const char *data);

int64_t upload_received(const char *data, const struct upload *d); /* bytes of the file that are there */
/* One piece at `offset`, which must be what upload_received says, else -ERR_CONFLICT. With the last one the
 * row waits for what is made of it and *whole is set. -ERR_BUSY: another piece is being written. -ERR_FULL:
 * the disk is nearly full, whoever filled it. */
int upload_piece(struct store *s, const char *data, const struct upload *d, int64_t offset,
                 struct bytes piece, bool *whole);

/* ---- for who makes something of it ---- */
int upload_lease(struct store *s, enum upload_kind k, struct upload *out);  /* 1, 0 none waits, -ERR_x */
int upload_untold(struct store *s, enum upload_kind k, struct upload *out); /* the same; the room knows not */
int upload_progress(struct store *s, const struct upload *d, int64_t percent);
int upload_ready(struct store *s,
                 const struct upload *d); /* pages, length_ms. -ERR_MISSING: deleted meanwhile */
int upload_failed(struct store *s, const struct upload *d, enum upload_why why);
int upload_return(struct store *s, enum upload_kind k); /* what a crash left at work waits again */
int upload_told(struct store *s, const struct upload *d);
void upload_spent(const char *data, const struct upload *d); /* of a video the file that was brought goes */

/* DATA/decks/<event>, DATA/clips/<event>; -ERR_INVALID for an id that is no plain name. */
int upload_dir(const char *data, const char *event, enum upload_kind k, char dst[UPLOAD_DIR_MAX]);
/* The file that was brought. */
int upload_path(const char *data, const struct upload *d, char dst[UPLOAD_PATH_MAX]);
/* What was made of it so far, but not the file. */
void upload_remove_work(const char *data, const struct upload *d);
/* Every file of one upload. */
void upload_remove_files(const char *data, const struct upload *d);

#endif
