/* roomlog — the log of rooms on disk: appended in groups, read back when a room is restored. What the rest of
 * the server asks often (is the event open, who was let in) is projected from the lines in the same
 * transaction, so it can never disagree with the log. Thread: the connection's; appending is the journal
 * thread's. */
#ifndef ROOMLOG_H
#define ROOMLOG_H
#include "server/catalogue/meeting.h"

enum {
    ROOMLOG_CHATS_MAX = 2048,      /* more than a room keeps, and than it resumes from */
    ROOMLOG_TAIL = 1024,           /* lines read besides an image: what people resume from (HUB_TAIL_MAX) */
    ROOMLOG_STANDING_LINES = 65536 /* kept of a room that never ends, at least */
};

struct roomlog_line {
    struct str room; /* for appending */
    uint64_t seq;    /* for appending 0: it comes late, see roomlog_append */
    int64_t at_ms;
    struct str json; /* one object with at least "type" */
    bool is_image;   /* json is an image of the room after line seq: many lines (server/rooms/image.h) */
};

/* All lines in one durable transaction, or none. -ERR_CONFLICT: a line's seq is not the room's last plus one,
 * or the room is not there; then try each room's lines alone to find whose. An image makes older ones go, and
 * the oldest lines of a standing room. 1: with them an event that keeps counts only has ended,
 * and files of it may be left that no row names (upload_sweep); else 0. A line that comes late is what was
 * said in a recorded event and is known when it is over: it gets the next number there, and is nowhere else.
 */
int roomlog_append(struct store *s, const struct roomlog_line *lines, size_t n);
/* Calls `line` for each line after `since`, in order; text is valid for the call. Stops when it returns
 * non-zero and returns that. */
typedef int roomlog_fn(void *ctx, const struct roomlog_line *line);
int roomlog_read(struct store *s, const char *room, uint64_t since, roomlog_fn *line, void *ctx);
/* What a room is restored from: its newest image that leaves ROOMLOG_TAIL lines after it, if there is one,
 * then the lines since, but of chat the last ROOMLOG_CHATS_MAX only. People write as much as they like, so
 * all of it must not have to fit in memory. */
int roomlog_state(struct store *s, const char *room, roomlog_fn *line, void *ctx);
/* Everything of its chat (messages, changes, deletions), the newest first. */
int roomlog_talk(struct store *s, const char *room, roomlog_fn *line, void *ctx);
/* Everything of its captions (lines, corrections, withdrawals, who was let write), in order; one of these
 * lines; and the number of the last, 0 when there is none. */
int roomlog_captions(struct store *s, const char *room, roomlog_fn *line, void *ctx);
int roomlog_caption(struct store *s, const char *room, uint64_t seq, roomlog_fn *line, void *ctx);
int64_t roomlog_captioned(struct store *s, const char *room);
int64_t roomlog_last(struct store *s, const char *room); /* seq, 0 when empty, or -ERR_x */

#endif
