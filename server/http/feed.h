/* feed — the secret address of a person's calendar: his account, which address of his it is, and a digest of
 * both with the server's key. Nothing of it is kept but the number, so a stolen database gives no address.
 * Pure. */
#ifndef FEED_H
#define FEED_H
#include "media/base/str.h"

enum { FEED_NAME_MAX = 96 };

/* "u12-3-<digest>.ics" */
void feed_name(char dst[FEED_NAME_MAX], int64_t user, int64_t number, struct bytes key);
/* The account and number of an authentic name; -ERR_MISSING. */
int feed_read(struct str name, struct bytes key, int64_t *user, int64_t *number);

#endif
