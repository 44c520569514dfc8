#include "server/http/limit.h"

#include "media/base/mem.h"

struct limit_entry {
    double tokens[LIMIT_CLASSES_MAX];
    int64_t at_us;
};

void limit_init(struct limit *l, const struct limit_class *classes, unsigned n) {
    smap_init(&l->by_addr, LIMIT_ADDRS_MAX);
    l->n = n < LIMIT_CLASSES_MAX ? n : LIMIT_CLASSES_MAX;
    memcpy(l->classes, classes, l->n * sizeof *classes);
}

void limit_fini(struct limit *l) {
    struct str key;
    size_t it = 0;
    for (void *e; (e = smap_next(&l->by_addr, &it, &key)) != NULL;)
        mem_free(e);
    smap_fini(&l->by_addr);
}

static void refill(const struct limit *l, struct limit_entry *e, int64_t now_us) {
    double s = (double)(now_us - e->at_us) / 1e6;
    for (unsigned i = 0; i < l->n; i++) {
        e->tokens[i] += s * l->classes[i].per_s;
        if (e->tokens[i] > l->classes[i].burst)
            e->tokens[i] = l->classes[i].burst;
    }
    e->at_us = now_us;
}

static void sweep(struct limit *l, int64_t now_us) {
    struct str key;
    size_t it = 0;
    for (struct limit_entry *e; (e = smap_next(&l->by_addr, &it, &key)) != NULL;) {
        refill(l, e, now_us);
        bool full = true;
        for (unsigned i = 0; i < l->n; i++)
            full = full && e->tokens[i] >= l->classes[i].burst;
        if (full)
            mem_free(smap_drop(&l->by_addr, key));
    }
}

int64_t limit_take(struct limit *l, struct str addr, unsigned cls, int64_t now_us) {
    if (cls >= l->n || addr.n > SMAP_KEY_MAX)
        return 0;
    struct limit_entry *e = smap_get(&l->by_addr, addr);
    if (!e) {
        if (l->by_addr.n >= LIMIT_ADDRS_MAX)
            sweep(l, now_us);
        e = mem_zalloc(sizeof *e);
        for (unsigned i = 0; i < l->n; i++)
            e->tokens[i] = l->classes[i].burst;
        e->at_us = now_us;
        if (smap_put(&l->by_addr, addr, e)) {
            mem_free(e);
            return 0;
        }
    }
    refill(l, e, now_us);
    if (e->tokens[cls] >= 1) {
        e->tokens[cls] -= 1;
        return 0;
    }
    int64_t wait_ms = (int64_t)((1 - e->tokens[cls]) / l->classes[cls].per_s * 1000) + 1;
    return wait_ms;
}
