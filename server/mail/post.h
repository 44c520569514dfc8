/* post — the thread that sends letters: leases rows of `mail`, writes each in its reader's language, hands it
 * to the mail server, tries again with growing pauses; puts in reminders when they are due. A slow mail
 * server holds up this thread and nothing else. Thread: open, wake and close from control; the rest is the
 * module's own, with its own store connection. Limits: one letter at a time. */
#ifndef POST_H
#define POST_H
#include "server/mail/smtp.h"

enum { POST_LOOK_MS = 60 * 1000, POST_PAUSE_MS = 30 * 1000 /* after the mail server could not be reached */ };

struct post_cfg { /* borrowed, for the thread's life */
    const char *db_path, *site, *url, *zone;
    struct smtp_cfg smtp; /* without stop_fd */
};
struct post;

/* What a crash left half-sent waits again. -ERR_IO. */
int post_open(struct post **out, const struct post_cfg *cfg);
void post_wake(struct post *p); /* there may be something to send */
void post_close(struct post *p);

#endif
