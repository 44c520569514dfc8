/* list — intrusive circular doubly linked list. Pure, inline. Membership is the node's: list_drop on an
 * unlinked, initialised node is harmless. */
#ifndef LIST_H
#define LIST_H
#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next, *prev;
};

static inline void list_init(struct list *l) { l->next = l->prev = l; }
static inline bool list_empty(const struct list *l) { return l->next == l; }
static inline void list_put(struct list *l, struct list *node) { /* at the tail */
    node->prev = l->prev;
    node->next = l;
    l->prev->next = node;
    l->prev = node;
}
static inline void list_drop(struct list *node) {
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}
#define list_entry(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))
/* Safe against dropping the current entry. */
#define list_each(l, it, type, member)                                                                       \
    for (type *it = list_entry((l)->next, type, member),                                                     \
              *it##_next = list_entry(it->member.next, type, member);                                        \
         &it->member != (l); it = it##_next, it##_next = list_entry(it->member.next, type, member))

#endif
