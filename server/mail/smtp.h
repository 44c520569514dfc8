/* smtp — hands one message to a mail server. Hides libcurl (the only place that sees it) and keeps a
 * connection for the next message. Blocks the calling thread, at most wait_ms a message, less when stop_fd
 * becomes readable. */
#ifndef SMTP_H
#define SMTP_H
#include "media/base/str.h"

enum { SMTP_WHY_MAX = 256, SMTP_CONNECT_MS = 15000 };

struct smtp_cfg {
    const char *server; /* smtp://host:587, smtps://host:465; borrowed */
    const char *user, *password, *from;
    bool starttls; /* insisted on, where the address is smtp:// */
    int wait_ms, stop_fd;
};
struct smtp;

int smtp_open(struct smtp **out, const struct smtp_cfg *cfg);
/* 0: the server has taken it. -ERR_DENIED: it will never (5xx). -ERR_IO: another time. -ERR_BUSY: stopped. */
int smtp_send(struct smtp *s, const char *to, struct str message, char why[SMTP_WHY_MAX]);
void smtp_close(struct smtp *s);

#endif
