/* refusal — an error of API.md said to a connection at once and whole, where no request was read that could
 * be answered; then nothing more is said on it. Thread: control. */
#ifndef REFUSAL_H
#define REFUSAL_H

enum { REFUSAL_READ_S = 2 }; /* for who asked to read it and to go */

struct lws;
/* 0, or -1: close it. The connection closes when the other end does, or REFUSAL_READ_S later. */
int refusal_send(struct lws *wsi, int err, const char *text);

#endif
