#include "media/rtc/settled.h"

#include "media/base/err.h"
#include "media/base/gcm.h"
#include "media/base/hmac.h"
#include "media/base/rd.h"

enum {
    HEAD = 13, /* RFC 6347 4.1: type, version, epoch, sequence number, length */
    EXPLICIT = 8,
    AAD = 13,
    TYPE_ALERT = 21, /* RFC 5246 6.2.1 */
    TYPE_HANDSHAKE = 22,
    ALERT_FATAL = 2, /* RFC 5246 7.2 */
    ALERT_CLOSE_NOTIFY = 0,
    FINISHED = 20, /* RFC 5246 7.4 */
    DTLS_1_2 = 0xfefd,
};

/* After the handshake there is no other. */
#define EPOCH UINT64_C(1)

struct record {
    uint8_t type;
    uint16_t version, epoch;
    uint64_t seq;
    struct bytes body;
};

static bool next_record(struct rd *r, struct record *out) {
    out->type = rd_u8(r);
    out->version = rd_u16(r);
    out->epoch = rd_u16(r);
    out->seq = (uint64_t)rd_u16(r) << 32;
    out->seq |= rd_u32(r);
    out->body = rd_bytes(r, rd_u16(r));
    return !r->bad;
}

/* ---- keys ---- */

/* P_SHA256 (RFC 5246 5): out gets two blocks, more than AES-128-GCM needs. */
static void expand(const uint8_t secret[SETTLED_SECRET_BYTES], struct bytes seed,
                   uint8_t out[2 * HMAC_SHA256_BYTES]) {
    struct bytes key = {secret, SETTLED_SECRET_BYTES};
    uint8_t a[HMAC_SHA256_BYTES + 128];
    memcpy(a + HMAC_SHA256_BYTES, seed.p, seed.n);
    hmac_sha256(a, key, seed);
    for (int i = 0; i < 2; i++) {
        uint8_t next[HMAC_SHA256_BYTES];
        hmac_sha256(out + i * HMAC_SHA256_BYTES, key, (struct bytes){a, HMAC_SHA256_BYTES + seed.n});
        hmac_sha256(next, key, (struct bytes){a, HMAC_SHA256_BYTES});
        memcpy(a, next, sizeof next);
    }
    explicit_bzero(a, sizeof a);
}

/* RFC 5246 6.3: the client's key, the server's, then their implicit nonces (RFC 5288 3). */
static void take_keys(struct settled_way *client, struct settled_way *server, const uint8_t *block) {
    memcpy(client->key, block, SETTLED_KEY_BYTES);
    memcpy(server->key, block + SETTLED_KEY_BYTES, SETTLED_KEY_BYTES);
    block += 2 * SETTLED_KEY_BYTES;
    memcpy(client->salt, block, SETTLED_SALT_BYTES);
    memcpy(server->salt, block + SETTLED_SALT_BYTES, SETTLED_SALT_BYTES);
}

int settled_open(struct settled *s, bool server, const uint8_t secret[SETTLED_SECRET_BYTES],
                 const uint8_t client_random[SETTLED_RANDOM_BYTES],
                 const uint8_t server_random[SETTLED_RANDOM_BYTES]) {
    static const char LABEL[] = "key expansion";
    uint8_t seed[sizeof LABEL - 1 + 2 * SETTLED_RANDOM_BYTES], block[2 * HMAC_SHA256_BYTES];
    if (!s->sent || (server && !s->flight_n))
        return -ERR_CONFLICT;
    if (!server)
        s->flight_n =
            0; /* RFC 6347 4.2.4: whoever sends the last flight repeats it, and that is the server */
    memcpy(seed, LABEL, sizeof LABEL - 1);
    memcpy(seed + sizeof LABEL - 1, server_random, SETTLED_RANDOM_BYTES);
    memcpy(seed + sizeof seed - SETTLED_RANDOM_BYTES, client_random, SETTLED_RANDOM_BYTES);
    expand(secret, (struct bytes){seed, sizeof seed}, block);
    take_keys(server ? &s->rx : &s->tx, server ? &s->tx : &s->rx, block);
    explicit_bzero(block, sizeof block);
    return 0;
}

void settled_fini(struct settled *s) { explicit_bzero(s, sizeof *s); }

/* ---- records ---- */

static void nonce_of(uint8_t nonce[GCM_NONCE_BYTES], const struct settled_way *w, const uint8_t *explicit) {
    memcpy(nonce, w->salt, SETTLED_SALT_BYTES);
    memcpy(nonce + SETTLED_SALT_BYTES, explicit, EXPLICIT);
}

static void put_u64(uint8_t *p, uint64_t v) {
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (56 - 8 * i));
}

/* RFC 5246 6.2.3.3: sequence number (here with the epoch), type, version, length of the text. */
static void put_aad(uint8_t aad[AAD], uint8_t type, uint64_t seq, size_t n) {
    put_u64(aad, EPOCH << 48 | seq);
    aad[8] = type;
    aad[9] = DTLS_1_2 >> 8;
    aad[10] = DTLS_1_2 & 0xff;
    aad[11] = (uint8_t)(n >> 8);
    aad[12] = (uint8_t)n;
}

static bool is_fresh(const struct settled *s, uint64_t seq) {
    if (!s->heard || seq > s->rx_top)
        return true;
    uint64_t back = s->rx_top - seq;
    return back < SETTLED_WINDOW && !(s->rx_seen >> back & 1);
}

static void mark(struct settled *s, uint64_t seq) {
    if (!s->heard || seq > s->rx_top) {
        uint64_t ahead = s->heard ? seq - s->rx_top : SETTLED_WINDOW;
        s->rx_seen = ahead < SETTLED_WINDOW ? s->rx_seen << ahead | 1 : 1;
        s->rx_top = seq;
        s->heard = true;
    } else {
        s->rx_seen |= UINT64_C(1) << (s->rx_top - seq);
    }
}

/* The text of a record of epoch 1 that is right and new: its length, 0 otherwise. Records are few and far
 * between, so their key is laid out anew for each and not kept. */
static size_t open_record(struct settled *s, const struct record *rec, uint8_t text[SETTLED_TEXT_MAX]) {
    if (rec->epoch != EPOCH || rec->version != DTLS_1_2 || rec->body.n <= EXPLICIT + GCM_TAG_BYTES ||
        rec->body.n > EXPLICIT + SETTLED_TEXT_MAX + GCM_TAG_BYTES || !is_fresh(s, rec->seq))
        return 0;
    size_t n = rec->body.n - EXPLICIT - GCM_TAG_BYTES;
    uint8_t nonce[GCM_NONCE_BYTES], aad[AAD];
    struct gcm g;
    nonce_of(nonce, &s->rx, rec->body.p);
    put_aad(aad, rec->type, rec->seq, n);
    memcpy(text, rec->body.p + EXPLICIT, n);
    gcm_init(&g, s->rx.key);
    bool right = gcm_unseal(&g, nonce, (struct bytes){aad, AAD}, text, n, rec->body.p + EXPLICIT + n);
    gcm_fini(&g);
    if (!right)
        return 0;
    mark(s, rec->seq);
    return n;
}

static enum settled_said understand(const struct settled *s, uint8_t type, const uint8_t *text, size_t n) {
    if (type == TYPE_ALERT && n == 2)
        return text[1] == ALERT_CLOSE_NOTIFY ? SETTLED_CLOSED
               : text[0] == ALERT_FATAL      ? SETTLED_ALERT
                                             : SETTLED_NOTHING;
    /* Only who did not get our Finished sends its own again. */
    return type == TYPE_HANDSHAKE && text[0] == FINISHED && s->flight_n ? SETTLED_AGAIN : SETTLED_NOTHING;
}

enum settled_said settled_feed(struct settled *s, struct bytes datagram) {
    enum settled_said said = SETTLED_NOTHING;
    struct rd r = rd_init(datagram.p, datagram.n);
    struct record rec;
    while (said <= SETTLED_AGAIN && rd_left(&r) && next_record(&r, &rec)) {
        uint8_t text[SETTLED_TEXT_MAX];
        size_t n = open_record(s, &rec, text);
        enum settled_said more = n ? understand(s, rec.type, text, n) : SETTLED_NOTHING;
        said = more > said ? more : said;
    }
    return said;
}

void settled_sent(struct settled *s, struct bytes datagram) {
    struct rd r = rd_init(datagram.p, datagram.n);
    struct record rec;
    bool finished = false;
    while (rd_left(&r) && next_record(&r, &rec)) {
        finished = rec.epoch == EPOCH && rec.type == TYPE_HANDSHAKE && rec.body.n >= EXPLICIT;
        if (!finished)
            continue;
        struct rd explicit = rd_init(rec.body.p, EXPLICIT);
        s->tx_seq = rec.seq;
        s->tx_nonce = rd_u64(&explicit);
        s->sent = true;
    }
    s->flight_n = finished && datagram.n <= SETTLED_FLIGHT_MAX ? (uint8_t)datagram.n : 0;
    memcpy(s->flight, datagram.p, s->flight_n);
}

void settled_close_notify(struct settled *s, uint8_t out[SETTLED_ALERT_BYTES]) {
    enum { TEXT = 2, WARNING = 1 };
    uint8_t nonce[GCM_NONCE_BYTES], aad[AAD], *text = out + HEAD + EXPLICIT;
    struct gcm g;
    put_aad(aad, TYPE_ALERT, ++s->tx_seq, TEXT);
    memcpy(out, aad + 8, 3);
    memcpy(out + 3, aad, 8);
    out[HEAD - 2] = 0;
    out[HEAD - 1] = EXPLICIT + TEXT + GCM_TAG_BYTES;
    /* OpenSSL began with a random number and counted on from it; so do we: no nonce is used twice. */
    put_u64(out + HEAD, ++s->tx_nonce);
    nonce_of(nonce, &s->tx, out + HEAD);
    text[0] = WARNING;
    text[1] = ALERT_CLOSE_NOTIFY;
    gcm_init(&g, s->tx.key);
    gcm_seal(&g, nonce, (struct bytes){aad, AAD}, text, TEXT, text + TEXT);
    gcm_fini(&g);
}
