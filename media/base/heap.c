#include "media/base/heap.h"
#include "media/base/mem.h"

void heap_init(struct heap *h) { *h = (struct heap){0}; }

void heap_fini(struct heap *h) {
    for (size_t i = 0; i < h->n; i++)
        h->v[i]->idx = 0;
    mem_free(h->v);
    *h = (struct heap){0};
}

static void place(struct heap *h, size_t i, struct heap_node *node) {
    h->v[i] = node;
    node->idx = i + 1;
}

static void up(struct heap *h, size_t i, struct heap_node *node) {
    for (size_t parent; i && h->v[parent = (i - 1) / 2]->at_us > node->at_us; i = parent)
        place(h, i, h->v[parent]);
    place(h, i, node);
}

static void down(struct heap *h, size_t i, struct heap_node *node) {
    for (size_t child; (child = 2 * i + 1) < h->n; i = child) {
        if (child + 1 < h->n && h->v[child + 1]->at_us < h->v[child]->at_us)
            child++;
        if (h->v[child]->at_us >= node->at_us)
            break;
        place(h, i, h->v[child]);
    }
    place(h, i, node);
}

static void settle(struct heap *h, size_t i, struct heap_node *node) {
    if (i && h->v[(i - 1) / 2]->at_us > node->at_us)
        up(h, i, node);
    else
        down(h, i, node);
}

void heap_set(struct heap *h, struct heap_node *node, int64_t at_us) {
    if (at_us == INT64_MAX) {
        heap_drop(h, node);
        return;
    }
    node->at_us = at_us;
    if (node->idx) {
        settle(h, node->idx - 1, node);
        return;
    }
    if (h->n == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 64;
        h->v = mem_realloc(h->v, h->cap * sizeof *h->v);
    }
    up(h, h->n++, node);
}

void heap_drop(struct heap *h, struct heap_node *node) {
    if (!node->idx)
        return;
    size_t i = node->idx - 1;
    struct heap_node *last = h->v[--h->n];
    node->idx = 0;
    if (last != node)
        settle(h, i, last);
}

struct heap_node *heap_top(const struct heap *h) {
    return h->n ? h->v[0] : NULL;
}
