#include "media/rtc/shake.h"
#include "media/base/mem.h"

void shake_init(struct shake *s) {
    list_init(&s->waiting);
    s->n = 0;
}

void shake_fini(struct shake *s) {
    for (struct shake_datagram *d; (d = shake_get(s));)
        mem_free(d);
}

bool shake_put(struct shake *s, uint64_t peer, struct bytes d, const struct addr_path *path) {
    if (s->n == SHAKE_MAX || d.n > SHAKE_BYTES)
        return false;
    struct shake_datagram *g = mem_zalloc(sizeof *g + d.n);
    g->peer = peer;
    g->path = *path;
    g->n = d.n;
    memcpy(g->p, d.p, d.n);
    list_put(&s->waiting, &g->link);
    s->n++;
    return true;
}

struct shake_datagram *shake_get(struct shake *s) {
    if (list_empty(&s->waiting))
        return NULL;
    struct shake_datagram *g = list_entry(s->waiting.next, struct shake_datagram, link);
    list_drop(&g->link);
    s->n--;
    return g;
}
