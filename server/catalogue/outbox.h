/* outbox — letters to be sent, as rows that survive the server: what about and to whom; the words are written
 * when one is sent (server/mail). A row is marked before its letter goes out and again when the mail server
 * has taken it: a server that dies in between sends it once more, under the same Message-ID (at least once).
 * Thread: the connection's. */
#ifndef OUTBOX_H
#define OUTBOX_H
#include "server/catalogue/signup.h"

enum {
    OUTBOX_TRIES_MAX = 6,
    OUTBOX_RETRY_FIRST_MS = 60 * 1000, /* then four times as long each: given up after about six hours */
    OUTBOX_TEXT_MAX = 200,
    OUTBOX_KIND_MAX = 15,
    OUTBOX_KEEP_DAYS = 30 /* a sent or given-up row */
};

struct outbox_mail {
    int64_t id, registration, attempts, created_at;
    char kind[OUTBOX_KIND_MAX + 1];
};

int outbox_lease(struct store *s, int64_t now_ms,
                 struct outbox_mail *out); /* 1, 0 when none is due, -ERR_x */
int64_t outbox_next_ms(struct store *s);   /* INT64_MAX: none waits */
int outbox_sent(struct store *s, int64_t id);
/* `final`: no use to try again; else until OUTBOX_TRIES_MAX. */
int outbox_failed(struct store *s, const struct outbox_mail *m, struct str why, bool final, int64_t now_ms);
int outbox_return(struct store *s, int64_t now_ms); /* what a crash left half-sent waits again */
/* Puts in the reminders that are due: a day and an hour before, to who is coming and wants them. */
int outbox_remind(struct store *s, int64_t now_ms);
int outbox_sweep(struct store *s, int64_t now_ms);
int outbox_registration(struct store *s, int64_t id, struct arena *a,
                        struct registration *out); /* -ERR_MISSING */
int64_t outbox_retry_ms(int64_t attempts);         /* pure */

#endif
