/* Datagrams for an association whose handshake is over. A byte says what each is: as it stands, or sealed
 * with the peer's keys (its type and the low byte of its number follow), so that what is behind the seal is
 * reached too. No record may count twice, and nobody may be answered who has nothing to ask. */
#include <stdlib.h>

#include "media/base/gcm.h"
#include "media/base/rd.h"
#include "media/base/wr.h"
#include "media/rtc/settled.h"

enum { PIECE = 96, FLIGHT = 13 + 48 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bytes seal(const struct settled *s, struct rd *r, uint8_t *out) {
    struct wr w = wr_init(out, 13 + 8 + PIECE + GCM_TAG_BYTES);
    uint8_t type = rd_u8(r), seq = rd_u8(r), aad[13], nonce[GCM_NONCE_BYTES] = {0};
    struct bytes text = rd_bytes(r, rd_left(r) < PIECE ? rd_left(r) : PIECE);
    struct gcm g;
    wr_u8(&w, type);
    wr_u16(&w, 0xfefd);
    wr_u16(&w, 1);
    wr_u16(&w, 0);
    wr_u32(&w, seq);
    memcpy(aad, out + 3, 8);
    memcpy(aad + 8, out, 3);
    aad[11] = 0;
    aad[12] = (uint8_t)text.n;
    wr_u16(&w, (uint16_t)(8 + text.n + GCM_TAG_BYTES));
    nonce[11] = seq;
    memcpy(nonce, s->rx.salt, SETTLED_SALT_BYTES);
    wr_put(&w, nonce + SETTLED_SALT_BYTES, 8);
    wr_put(&w, text.p, text.n);
    gcm_init(&g, s->rx.key);
    gcm_seal(&g, nonce, (struct bytes){aad, sizeof aad}, w.p - text.n, text.n, w.p);
    gcm_fini(&g);
    return (struct bytes){out, wr_len(&w) + GCM_TAG_BYTES};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t secret[SETTLED_SECRET_BYTES] = {1}, client[SETTLED_RANDOM_BYTES] = {2},
                         server[SETTLED_RANDOM_BYTES] = {3};
    uint8_t flight[FLIGHT] = {22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 48}, room[256];
    struct settled s = {0};
    struct rd r = rd_init(data, size);
    bool is_server = rd_u8(&r) & 1;
    settled_sent(&s, (struct bytes){flight, sizeof flight});
    if (settled_open(&s, is_server, secret, client, server))
        abort();
    while (rd_left(&r)) {
        uint8_t what = rd_u8(&r);
        struct rd piece = rd_sub(&r, rd_left(&r) < PIECE ? rd_left(&r) : PIECE);
        struct bytes d = what & 1 ? seal(&s, &piece, room) : rd_rest(&piece);
        enum settled_said said = settled_feed(&s, d);
        if ((said == SETTLED_AGAIN && !is_server) || (said && !(what & 1)))
            abort();
        if (settled_feed(&s, d) == SETTLED_AGAIN)
            abort();
        struct settled sender = s;
        settled_sent(&sender, d); /* total as well */
    }
    return 0;
}
