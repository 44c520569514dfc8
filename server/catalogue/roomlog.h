/* roomlog — the log of rooms on disk: appended in groups, read back when a room is restored. What the rest of
 * the server asks often (is the event open, who was let in) is projected from the lines in the same
 * transaction, so it can never disagree with the log. Thread: the connection's; appending is the journal
 * thread's. */
#ifndef ROOMLOG_H
#define ROOMLOG_H
#include "server/catalogue/meeting.h"

enum { ROOMLOG_CHATS_MAX = 2048 }; /* more than a room keeps, and than it resumes from */

struct roomlog_line {
    struct str room; /* for appending */
    uint64_t seq;
    int64_t at_ms;
    struct str json; /* one object with at least "type" */
};

/* All lines in one durable transaction, or none. -ERR_CONFLICT: a (room, seq) is already there, or the room
 * is not; then try each room's lines alone to find whose. */
int roomlog_append(struct store *s, const struct roomlog_line *lines, size_t n);
/* Calls `line` for each line after `since`, in order; text is valid for the call. Stops when it returns
 * non-zero and returns that. */
int roomlog_read(struct store *s, const char *room, uint64_t since,
                 int (*line)(void *ctx, const struct roomlog_line *line), void *ctx);
/* The same, of all lines but chat older than the last ROOMLOG_CHATS_MAX: what a room is restored from. People
 * write as much as they like, so all of it must not have to fit in memory. */
int roomlog_state(struct store *s, const char *room, int (*line)(void *ctx, const struct roomlog_line *line),
                  void *ctx);
int64_t roomlog_last(struct store *s, const char *room); /* seq, 0 when empty, or -ERR_x */

#endif
