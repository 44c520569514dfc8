/* pcapng: read back block by block as the format's description says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "media/base/mem.h"
#include "media/base/pcapng.h"
#include "media/base/rd.h"

/* The file's blocks must fill it, each with its length at both ends; the packets' data go to `each`. */
static unsigned walk(const struct pcapng *c, struct bytes *data, bool *out, int64_t *at) {
    struct rd r = rd_init(c->file, c->n);
    unsigned blocks = 0, packets = 0;
    while (rd_left(&r)) {
        uint32_t type = rd_u32(&r), len = rd_u32(&r);
        assert_int_equal(len % 4, 0);
        struct bytes body = rd_bytes(&r, len - 12);
        assert_int_equal(rd_u32(&r), len);
        assert_false(r.bad);
        struct rd b = rd_init(body.p, body.n);
        assert_int_equal(type, blocks == 0 ? 0x0A0D0D0A : blocks == 1 ? 1 : 6);
        if (!blocks++)
            assert_int_equal(rd_u32(&b), 0x1A2B3C4D);
        if (blocks < 3)
            continue;
        assert_int_equal(rd_u32(&b), 0);
        *at = (int64_t)((uint64_t)rd_u32(&b) << 32);
        *at |= rd_u32(&b);
        uint32_t n = rd_u32(&b);
        assert_int_equal(rd_u32(&b), n);
        struct bytes ip = rd_bytes(&b, n);
        assert_int_equal(ip.p[0], 0x45);
        assert_int_equal(ip.p[2] << 8 | ip.p[3], n);
        uint32_t sum = 0;
        for (int i = 0; i < 20; i += 2)
            sum += (uint32_t)ip.p[i] << 8 | ip.p[i + 1];
        assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff); /* RFC 1071 */
        rd_skip(&b, (4 - n % 4) % 4);
        assert_int_equal(rd_u16(&b), 2);
        assert_int_equal(rd_u16(&b), 4);
        *out = rd_u32(&b) == 2;
        assert_int_equal(rd_u32(&b), 0);
        assert_int_equal(rd_left(&b), 0);
        *data = (struct bytes){ip.p + 28, n - 28};
        packets++;
    }
    return packets;
}

static void what_is_put_is_read(void **state) {
    struct bytes data = {NULL, 0};
    bool out = false;
    int64_t at = 0;
    uint8_t pkt[PCAPNG_PACKET_MAX];
    (void)state;
    for (size_t n = 0; n < sizeof pkt; n++)
        pkt[n] = (uint8_t)n;
    for (size_t n = 0; n <= sizeof pkt; n += n < 8 ? 1 : 97) {
        struct pcapng *c = pcapng_open(8192);
        assert_int_equal(walk(c, &data, &out, &at), 0);
        pcapng_put(c, &(struct pcapng_packet){1700000000123456, n % 2, {pkt, n}});
        assert_int_equal(walk(c, &data, &out, &at), 1);
        assert_int_equal(data.n, n);
        assert_memory_equal(data.p, pkt, n);
        assert_int_equal(out, n % 2);
        assert_true(at == 1700000000123456);
        mem_free(c);
    }
}

static void it_is_bounded(void **state) {
    struct bytes data = {NULL, 0};
    uint8_t pkt[PCAPNG_PACKET_MAX + 1] = {0};
    bool out;
    int64_t at;
    (void)state;
    struct pcapng *c = pcapng_open(1000);
    for (int i = 0; i < 20; i++)
        pcapng_put(c, &(struct pcapng_packet){1, false, {pkt, 100}});
    assert_true(c->n <= 1000);
    assert_int_equal(walk(c, &data, &out, &at), c->kept);
    assert_int_equal(c->kept + c->left_out, 20);
    assert_true(c->kept == 5);
    pcapng_put(c, &(struct pcapng_packet){1, false, {pkt, sizeof pkt}});
    assert_int_equal(c->left_out, 16);
    mem_free(c);
    c = pcapng_open(10); /* not even the head */
    pcapng_put(c, &(struct pcapng_packet){1, false, {pkt, 1}});
    assert_int_equal(c->n, 0);
    mem_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_put_is_read),
                                       cmocka_unit_test(it_is_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
