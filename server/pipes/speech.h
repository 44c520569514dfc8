/* speech — a program of the administrator's that writes down what is said: one process for each room being
 * recorded. Its stdin is the room's sound (16 kHz mono, signed 16 bit, little-endian: the mix), its stdout
 * lines of speechline. It is started with the first sound, again when it ends (after a second, then twice as
 * long each time, SPEECH_REST_MAX_MS at most), and ended with the recording: its stdin ends, and it has
 * SPEECH_END_MS for its last words. Nothing waits for it: sound it does not take is left out, lines that are
 * none, or more than people may write, are counted and said in the log. Thread: control. Ownership:
 * everything inside. Limits: SPEECH_ROOMS_MAX rooms, CHILD_LINE_MAX a line (a longer one ends the program).
 */
#ifndef SPEECH_H
#define SPEECH_H
#include "server/pipes/speechline.h"

enum {
    SPEECH_ROOMS_MAX = 64,
    SPEECH_WORDS_MAX = 16,
    SPEECH_COMMAND_MAX = 255,
    SPEECH_REST_MS = 1000,
    SPEECH_REST_MAX_MS = 60000,
    SPEECH_END_MS = 3000,
    SPEECH_BURST = 10,   /* lines at once (guesses half as many), */
    SPEECH_LINE_MS = 250 /* and then one in so long, as a person may */
};

struct uv_loop_s;
struct speech;
struct speech_ops {
    /* A line; said_ms is the moment of the wall clock it begins at. */
    void (*on_line)(void *arg, const char *room, const struct speechline *line, int64_t said_ms);
    void *arg;
};
struct speech_cfg {
    struct uv_loop_s *loop;
    const char *command; /* words between spaces; no shell reads them. Empty: nobody listens */
    int64_t late_ms;     /* how long ago what comes was said */
    struct speech_ops ops;
};
/* -ERR_INVALID: the command has too many words. */
int speech_open(struct speech **out, const struct speech_cfg *cfg);
/* The end of a socket for who hears the room (SOCK_SEQPACKET; the caller closes it); -1: nobody listens. The
 * one before it is heard no more. */
int speech_listen(struct speech *s, const char *room);
void speech_end(struct speech *s, const char *room);
void speech_end_all(struct speech *s);
size_t speech_active(const struct speech *s); /* programs alive */
void speech_close(struct speech *s);          /* after speech_end_all, and speech_active is 0 */

#endif
