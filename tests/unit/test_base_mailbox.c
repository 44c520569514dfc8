/* mailbox: order and fullness in one thread; several writers and one reader that must lose nothing and always
 * wake. */
#include "media/base/err.h"
#include "media/base/mailbox.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sched.h>
#include <cmocka.h>

enum { WRITERS = 4, PER_WRITER = 20000, CAPACITY = 64, WAKE_MS = 10000 };

struct note {
    uint32_t writer, n;
    char body[21]; /* a size that is no multiple of a word */
};

static void keeps_order_and_refuses_when_full(void **state) {
    (void)state;
    struct mailbox *m;
    int v[8], got[8];
    assert_int_equal(mailbox_open(&m, 0, 5), -ERR_INVALID);
    assert_int_equal(mailbox_open(&m, sizeof(int), 5), 0);
    assert_false(mailbox_wait(m, 0));
    for (int round = 0; round < 7; round++) {
        for (int i = 0; i < 5; i++) {
            v[i] = round * 10 + i;
            assert_int_equal(mailbox_put(m, &v[i]), 0);
        }
        assert_int_equal(mailbox_put(m, &v[0]), -ERR_FULL);
        assert_int_equal(mailbox_get(m, got, 2), 2);
        assert_true(mailbox_wait(m, 0)); /* three are left, so the bell still rings */
        assert_int_equal(mailbox_get(m, got + 2, 6), 3);
        assert_memory_equal(v, got, 5 * sizeof(int));
        assert_false(mailbox_wait(m, 0));
        assert_int_equal(mailbox_get(m, got, 8), 0);
    }
    mailbox_close(m);
    mailbox_close(NULL);
}

static struct mailbox *shared;

static void *writer(void *arg) {
    struct note note = {.writer = (uint32_t)(uintptr_t)arg};
    for (note.n = 0; note.n < PER_WRITER; note.n++) {
        note.body[20] = (char)(note.n ^ note.writer);
        while (mailbox_put(shared, &note) == -ERR_FULL)
            sched_yield();
    }
    return NULL;
}

static void loses_nothing_and_always_wakes(void **state) {
    (void)state;
    pthread_t threads[WRITERS];
    uint32_t next[WRITERS] = {0};
    assert_int_equal(mailbox_open(&shared, sizeof(struct note), CAPACITY), 0);
    for (uintptr_t i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, writer, (void *)i), 0);
    for (size_t total = 0; total < (size_t)WRITERS * PER_WRITER;) {
        struct note got[7];
        size_t n = mailbox_get(shared, got, 7);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(got[i].n, next[got[i].writer]++);
            assert_int_equal(got[i].body[20], (char)(got[i].n ^ got[i].writer));
        }
        total += n;
        if (!n && total < (size_t)WRITERS * PER_WRITER)
            assert_true(mailbox_wait(shared, WAKE_MS)); /* a lost wake-up ends here */
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    struct note rest;
    assert_int_equal(mailbox_get(shared, &rest, 1), 0);
    mailbox_close(shared);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_and_refuses_when_full),
        cmocka_unit_test(loses_nothing_and_always_wakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
