/* heap against a linear search under random operations; list. */
#include "media/base/heap.h"
#include "media/base/list.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { NODES = 200, STEPS = 100000 };

static uint32_t step(uint32_t *x) { return *x = *x * 1664525u + 1013904223u, *x >> 8; }

static void heap_is_its_model(void **state) {
    (void)state;
    static struct heap_node nodes[NODES];
    int64_t model[NODES];
    struct heap h;
    uint32_t x = 3;
    size_t n = 0;
    heap_init(&h);
    assert_null(heap_top(&h));
    for (int i = 0; i < NODES; i++)
        model[i] = INT64_MAX;
    for (int i = 0; i < STEPS; i++) {
        unsigned k = step(&x) % NODES;
        int64_t at = step(&x) % 5 ? (int64_t)(step(&x) % 1000) - 500 : INT64_MAX;
        n = n + (at != INT64_MAX) - (model[k] != INT64_MAX);
        model[k] = at;
        if (at == INT64_MAX && step(&x) % 2)
            heap_drop(&h, &nodes[k]);
        else
            heap_set(&h, &nodes[k], at);
        assert_int_equal(h.n, n);
        int64_t least = INT64_MAX;
        for (int j = 0; j < NODES; j++)
            least = model[j] < least ? model[j] : least;
        struct heap_node *top = heap_top(&h);
        assert_true(top ? top->at_us == least && model[top - nodes] == least : least == INT64_MAX);
    }
    int64_t last = INT64_MIN;
    for (struct heap_node *top; (top = heap_top(&h)); n--) {
        assert_true(top->at_us >= last);
        last = top->at_us;
        heap_drop(&h, top);
        assert_int_equal(top->idx, 0);
        heap_drop(&h, top); /* harmless */
    }
    assert_int_equal(n, 0);
    heap_set(&h, &nodes[0], 5);
    heap_fini(&h);
    assert_int_equal(nodes[0].idx, 0);
}

struct item {
    int v;
    struct list node;
};

static void list_keeps_order_and_survives_drops(void **state) {
    (void)state;
    struct list l;
    struct item items[5];
    int digits = 0;
    list_init(&l);
    assert_true(list_empty(&l));
    for (int i = 0; i < 5; i++) {
        items[i].v = i + 1;
        list_put(&l, &items[i].node);
    }
    list_each (&l, it, struct item, node) {
        digits = digits * 10 + it->v;
        if (it->v % 2 == 0)
            list_drop(&it->node);
    }
    assert_int_equal(digits, 12345);
    list_drop(&items[1].node); /* not in a list any more */
    digits = 0;
    list_each (&l, it, struct item, node)
        digits = digits * 10 + it->v;
    assert_int_equal(digits, 135);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heap_is_its_model),
        cmocka_unit_test(list_keeps_order_and_survives_drops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
