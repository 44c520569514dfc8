/* heap — deadlines in order: an intrusive binary min-heap. A node knows its place, so moving or dropping it
 * is O(log n). Thread: owner's. */
#ifndef HEAP_H
#define HEAP_H
#include <stddef.h>
#include <stdint.h>

struct heap_node {
    int64_t at_us;
    size_t idx; /* 0 = not in a heap; else place + 1 */
};
struct heap {
    struct heap_node **v;
    size_t n, cap;
};
void heap_init(struct heap *h);
void heap_fini(struct heap *h);
void heap_set(struct heap *h, struct heap_node *node, int64_t at_us); /* insert or move; INT64_MAX drops */
void heap_drop(struct heap *h, struct heap_node *node);               /* harmless when absent */
struct heap_node *heap_top(const struct heap *h);                     /* earliest, or NULL */

#endif
