#include "media/rtc/sendq.h"

void sendq_init(struct sendq *q, sendq_send_fn send, void *ctx, sendq_dropped_fn on_drop) {
    q->n = 0;
    q->used = 0;
    q->send = send;
    q->ctx = ctx;
    q->on_drop = on_drop;
    q->streams = (struct sendq_streams){0};
    q->sent = q->sent_bytes = q->dropped = 0;
    q->sealing.n = 0;
    q->sealing.plain = false;
    q->sealing.mb = NULL;
}

void sendq_fini(struct sendq *q) { ctrmac_batch_fini(&q->sealing); }

uint8_t *sendq_next(struct sendq *q) {
    if (q->n == SENDQ_MAX)
        sendq_flush(q);
    return q->bytes + q->used;
}

/* A connection has a queue of its own and is told apart from the others at once. */
static void stream_put(struct sendq *q, size_t n, uint32_t stream, void *owner) {
    if (q->streams.send && q->streams.send(q->streams.ctx, stream, q->bytes + q->used, n)) {
        q->sent++;
        q->sent_bytes += n;
        return;
    }
    q->dropped++;
    if (owner)
        q->on_drop(owner);
}

void sendq_put(struct sendq *q, size_t n, const struct addr_path *path, void *owner) {
    if (path->stream) {
        stream_put(q, n, path->stream, owner);
        return;
    }
    q->v[q->n] = (struct udp_out){.p = q->bytes + q->used, .n = n, .path = *path};
    q->owner[q->n] = owner;
    q->n++;
    q->used += n;
}

void sendq_flush(struct sendq *q) {
    if (!q->n)
        return;
    ctrmac_work(&q->sealing);
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
    q->used = 0;
}
