#include "media/rtc/sendq.h"

void sendq_init(struct sendq *q, sendq_send_fn send, void *ctx, sendq_dropped_fn on_drop) {
    q->n = 0;
    q->send = send;
    q->ctx = ctx;
    q->on_drop = on_drop;
    q->sent = q->sent_bytes = q->dropped = 0;
}

uint8_t *sendq_next(struct sendq *q) {
    if (q->n == SENDQ_MAX)
        sendq_flush(q);
    return q->bytes[q->n];
}

void sendq_put(struct sendq *q, size_t n, const struct addr_path *path, void *owner) {
    q->v[q->n] = (struct udp_out){.p = q->bytes[q->n], .n = n, .path = *path};
    q->owner[q->n] = owner;
    q->n++;
}

void sendq_flush(struct sendq *q) {
    if (!q->n)
        return;
    size_t done = q->send(q->ctx, q->v, q->n);
    for (size_t i = 0; i < done; i++)
        q->sent_bytes += q->v[i].n;
    q->sent += done;
    for (size_t i = done; i < q->n; i++) {
        q->dropped++;
        if (q->owner[i])
            q->on_drop(q->owner[i]);
    }
    q->n = 0;
}
