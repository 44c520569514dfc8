/* secure: packets sealed at one end open at the other, whatever the header, across turns of the sequence
 * number. */
#include "media/base/err.h"
#include "media/rtc/secure.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct ends {
    struct secure *a, *b;
};

static struct ends open_ends(enum secure_profile profile) {
    struct secure_keys ka = {.profile = profile}, kb = {.profile = profile};
    struct ends e;
    for (uint8_t i = 0; i < SECURE_KEY_MAX; i++) {
        ka.tx[i] = kb.rx[i] = (uint8_t)(i * 7 + 3);
        ka.rx[i] = kb.tx[i] = (uint8_t)(i * 11 + 5);
    }
    assert_int_equal(secure_open(&e.a, &ka), 0);
    assert_int_equal(secure_open(&e.b, &kb), 0);
    return e;
}

static void close_ends(struct ends *e) {
    secure_close(e->a);
    secure_close(e->b);
}

/* csrcs of four bytes, an extension of so many words, -1: none. */
static size_t packet(uint8_t *p, uint16_t seq, unsigned csrcs, int words, size_t payload) {
    size_t n = 12 + 4 * csrcs;
    memset(p, 0x33, 300);
    p[0] = (uint8_t)(0x80 | csrcs | (words >= 0 ? 0x10 : 0));
    p[1] = 96;
    p[2] = (uint8_t)(seq >> 8);
    p[3] = (uint8_t)seq;
    if (words >= 0) {
        p[n] = 0xbe;
        p[n + 1] = 0xde;
        p[n + 2] = 0;
        p[n + 3] = (uint8_t)words;
        n += 4 + 4 * (size_t)words;
    }
    for (size_t i = 0; i < payload; i++)
        p[n + i] = (uint8_t)(i * seq);
    return n + payload;
}

static void travels(struct ends *e, const uint8_t *plain, size_t n) {
    uint8_t wire[400];
    memcpy(wire, plain, n);
    int sealed = secure_protect(e->a, wire, n, sizeof wire);
    assert_true(sealed > (int)n);
    assert_int_equal(secure_unprotect(e->b, wire, (size_t)sealed), n);
    assert_memory_equal(wire, plain, n);
}

static void any_header(void **state) {
    (void)state;
    for (int profile = SECURE_AES128_CM_SHA1_80; profile <= SECURE_AEAD_AES_128_GCM; profile++) {
        struct ends e = open_ends((enum secure_profile)profile);
        uint8_t p[400];
        uint16_t seq = 1000;
        for (unsigned csrcs = 0; csrcs <= 15; csrcs += 5)
            for (int words = -1; words <= 6; words++)
                for (size_t payload = 0; payload <= 40; payload += 20)
                    travels(&e, p, packet(p, seq++, csrcs, words, payload));
        close_ends(&e);
    }
}

static void refuses_what_is_no_packet(void **state) {
    (void)state;
    struct ends e = open_ends(SECURE_AEAD_AES_128_GCM);
    uint8_t p[400];
    size_t n = packet(p, 1, 0, 3, 0);
    for (size_t cut = 0; cut < n; cut++)
        assert_true(secure_protect(e.a, p, cut, sizeof p) < 0);
    n = packet(p, 1, 15, -1, 0);
    assert_int_equal(secure_protect(e.a, p, n - 1, sizeof p), -ERR_INVALID);
    packet(p, 1, 0, -1, 20);
    p[0] = 0x40;
    assert_int_equal(secure_protect(e.a, p, 32, sizeof p), -ERR_INVALID);
    close_ends(&e);
}

/* Three turns, with gaps, and repeats of packets from before a turn: the receiver's guess of the rollover
 * counter and the sender's must agree each time. A repeat opens once more only where it was lost the first
 * time. */
static void turns_and_repeats(void **state) {
    (void)state;
    struct ends e = open_ends(SECURE_AEAD_AES_128_GCM);
    uint8_t p[400], wire[400];
    for (uint32_t index = 30000; index < 3 * 65536 + 100; index += 1 + index % 3) {
        bool lost = index % 11 == 0;
        size_t n = packet(p, (uint16_t)index, 0, 1, 30);
        if (lost) {
            assert_true(secure_protect(e.a, p, n, sizeof p) > 0);
            continue;
        }
        travels(&e, p, n);
        if (index > 30200 && index % 7 == 0) {
            uint32_t old = index - 100; /* sent or not, arrived or not */
            n = packet(wire, (uint16_t)old, 0, 1, 30);
            int sealed = secure_protect(e.a, wire, n, sizeof wire);
            int r = secure_unprotect(e.b, wire, (size_t)sealed);
            assert_true(r == (int)n || r == -ERR_CONFLICT);
        }
    }
    close_ends(&e);
}

static void outgoing_streams_are_bounded(void **state) {
    (void)state;
    for (int profile = SECURE_AES128_CM_SHA1_80; profile <= SECURE_AEAD_AES_128_GCM; profile++) {
        struct ends e = open_ends((enum secure_profile)profile);
        uint8_t p[400];
        for (unsigned ssrc = 0; ssrc <= SECURE_OUT_MAX; ssrc++) {
            size_t n = packet(p, 1, 0, -1, 20);
            p[11] = (uint8_t)ssrc;
            int r = secure_protect(e.a, p, n, sizeof p);
            assert_true(ssrc < SECURE_OUT_MAX ? r > 0 : r == -ERR_FULL);
        }
        close_ends(&e);
    }
}

static int ready(void **state) {
    (void)state;
    return secure_global_init();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_header),
        cmocka_unit_test(refuses_what_is_no_packet),
        cmocka_unit_test(turns_and_repeats),
        cmocka_unit_test(outgoing_streams_are_bounded),
    };
    return cmocka_run_group_tests(tests, ready, NULL);
}
