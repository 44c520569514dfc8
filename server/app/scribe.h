/* scribe — the thread that puts room events on disk: everything that waits becomes one commit, then is
 * reported. Thread: control calls; it owns a thread with its own durable store connection. Ownership: text is
 * copied. Limits: SCRIBE_QUEUE_MAX lines wait; over it scribe_put answers -ERR_FULL and the room is told it
 * failed. */
#ifndef SCRIBE_H
#define SCRIBE_H
#include "server/rooms/event.h"

enum {
    SCRIBE_QUEUE_MAX = 65536,
    SCRIBE_BATCH_MAX = 2048,
    SCRIBE_TRIES = 25,
    SCRIBE_PAUSE_MS = 200,
    SCRIBE_FALLEN_MAX = 1024 /* rooms with a line that could not be written, remembered */
};

struct scribe;
/* `load` tells apart the times a room was in memory: lines that follow one that could not be written are no
 * history, and are dropped until the room comes anew from what is on disk. */
struct scribe_line {
    const char *room;
    uint64_t load, seq; /* both 0: it comes late (roomlog_append), of a room that is in memory no more */
    int64_t at_ms;
    struct str json;
    bool is_image; /* see struct roomlog_line */
};
struct scribe_report {
    char room[ROOM_ID_MAX + 1];
    uint64_t load;
    uint64_t seq; /* the highest of this room in the commit */
    bool forgot;  /* with that commit some event was forgotten: see roomlog_append */
    bool failed;  /* nothing of this room from that commit is on disk */
};

int scribe_open(struct scribe **out, const char *db_path);
void scribe_close(struct scribe *j); /* commits what waits first */
int scribe_put(struct scribe *j, const struct scribe_line *line);
int scribe_fd(const struct scribe *j); /* readable when reports wait */
size_t scribe_reports(struct scribe *j, struct scribe_report *out, size_t max);
uint64_t scribe_commits(const struct scribe *j); /* so far; any thread */

#endif
