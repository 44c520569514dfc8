/* mailbox — the one way between threads: a bounded queue of fixed-size values with an eventfd to wake the
 * reader. Many writers, one reader. Values carry ids and owned heap pointers, never pointers to live objects.
 */
#ifndef MAILBOX_H
#define MAILBOX_H
#include <stdbool.h>
#include <stddef.h>

struct mailbox;
int mailbox_open(struct mailbox **out, size_t item_bytes, size_t capacity);
void mailbox_close(struct mailbox *m);   /* items still inside are lost: drain first if they own memory */
int mailbox_fd(const struct mailbox *m); /* readable while items may wait */
/* Any thread. 0, or -ERR_FULL (nothing kept: the caller still owns what the item points to). */
int mailbox_put(struct mailbox *m, const void *item);
/* Reader's thread. Up to max items into out; the number taken. Clears the eventfd when it empties the queue.
 */
size_t mailbox_get(struct mailbox *m, void *out, size_t max);
/* Reader's thread: block until something waits or timeout_ms passes (-1 = for ever). For threads without a
 * loop. */
bool mailbox_wait(struct mailbox *m, int timeout_ms);

#endif
