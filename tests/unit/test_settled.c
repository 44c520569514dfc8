/* What is left of DTLS after the handshake, against OpenSSL at the other end: closing both ways, a last
 * flight that got lost, replays, forgeries, renegotiation, and records made by hand with keys derived by
 * OpenSSL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>

#include "media/rtc/dtls.h"
#include "media/rtc/settled.h"

enum { QUEUE = 16, DATAGRAM = 2048, KEY = 16, SALT = 4 };

/* ---- the other end: OpenSSL alone ---- */

struct queue {
    uint8_t p[QUEUE][DATAGRAM];
    size_t n[QUEUE];
    unsigned count;
};
struct other {
    SSL *ssl;
    struct queue in, out;
    uint64_t seq, nonce; /* of records made by hand: far above what OpenSSL uses */
};
struct rig {
    struct dtls *ours;
    struct other other;
    uint8_t last_in[DATAGRAM], last_out[DATAGRAM]; /* datagrams to and from ours */
    size_t last_in_n, last_out_n;
    bool lose_flight; /* our last flight */
};

static BIO_METHOD *method;

static int other_read(BIO *bio, char *dst, int cap) {
    struct queue *q = &((struct other *)BIO_get_data(bio))->in;
    BIO_clear_retry_flags(bio);
    if (!q->count) {
        BIO_set_retry_read(bio);
        return -1;
    }
    int n = (int)q->n[0];
    assert_true(n <= cap);
    memcpy(dst, q->p[0], (size_t)n);
    q->count--;
    memmove(q->p[0], q->p[1], q->count * sizeof q->p[0]);
    memmove(&q->n[0], &q->n[1], q->count * sizeof q->n[0]);
    return n;
}

static void put(struct queue *q, const void *p, size_t n) {
    assert_true(q->count < QUEUE && n <= DATAGRAM);
    memcpy(q->p[q->count], p, n);
    q->n[q->count++] = n;
}

static int other_write(BIO *bio, const char *src, int n) {
    put(&((struct other *)BIO_get_data(bio))->out, src, (size_t)n);
    return n;
}

static long other_ctrl(BIO *bio, int cmd, long num, void *ptr) {
    (void)bio, (void)num, (void)ptr;
    return cmd == BIO_CTRL_FLUSH ? 1 : cmd == BIO_CTRL_DGRAM_QUERY_MTU ? DTLS_MTU : 0;
}

static int any_certificate(X509_STORE_CTX *store, void *arg) {
    (void)store, (void)arg;
    return 1;
}

static void certify(SSL_CTX *c, EVP_PKEY *key, uint8_t fp[DTLS_FP_BYTES]) {
    X509 *cert = X509_new();
    assert_non_null(key);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    assert_int_equal(X509_digest(cert, EVP_sha256(), fp, NULL), 1);
    assert_int_equal(SSL_CTX_use_certificate(c, cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(c, key), 1);
    X509_free(cert);
    EVP_PKEY_free(key);
}

/* `ciphers` NULL: all OpenSSL has. */
static void rig_open(struct rig *r, enum dtls_role ours, bool rsa, const char *ciphers) {
    uint8_t fp[DTLS_FP_BYTES];
    *r = (struct rig){0};
    SSL_CTX *c = SSL_CTX_new(DTLS_method());
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(c, any_certificate, NULL);
    SSL_CTX_set_read_ahead(c, 1);
    assert_int_equal(SSL_CTX_set_cipher_list(c, ciphers ? ciphers : "ALL"), 1);
    assert_int_equal(SSL_CTX_set_tlsext_use_srtp(c, "SRTP_AEAD_AES_128_GCM"), 0);
    certify(c, rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), fp);
    BIO *bio = BIO_new(method);
    BIO_set_data(bio, &r->other);
    BIO_set_init(bio, 1);
    r->other.ssl = SSL_new(c);
    r->other.seq = r->other.nonce = 1000000;
    SSL_CTX_free(c);
    SSL_set_options(r->other.ssl, SSL_OP_NO_QUERY_MTU);
    SSL_set_mtu(r->other.ssl, DTLS_MTU);
    SSL_set_bio(r->other.ssl, bio, bio);
    if (ours == DTLS_SERVER)
        SSL_set_connect_state(r->other.ssl);
    else
        SSL_set_accept_state(r->other.ssl);
    assert_int_equal(dtls_open(&r->ours, ours, fp, 1), 0);
}

static void rig_close(struct rig *r) {
    dtls_close(r->ours);
    SSL_free(r->other.ssl);
}

static enum dtls_state feed(struct rig *r, const uint8_t *p, size_t n) {
    return dtls_feed(r->ours, (struct bytes){p, n}, 1);
}

static bool to_ours(struct rig *r) {
    bool any = r->other.out.count > 0;
    for (unsigned i = 0; i < r->other.out.count; i++) {
        r->last_in_n = r->other.out.n[i];
        memcpy(r->last_in, r->other.out.p[i], r->last_in_n);
        feed(r, r->last_in, r->last_in_n);
    }
    r->other.out.count = 0;
    return any;
}

static bool from_ours(struct rig *r) {
    uint8_t d[DTLS_MTU];
    bool any = false;
    for (size_t n; (n = dtls_next_out(r->ours, d, sizeof d)); any = true) {
        memcpy(r->last_out, d, n);
        r->last_out_n = n;
        if (r->lose_flight && dtls_state(r->ours) == DTLS_READY)
            r->lose_flight = false;
        else
            put(&r->other.in, d, n);
    }
    return any;
}

/* Until neither has anything to say. */
static void shake(struct rig *r) {
    do {
        if (!SSL_is_init_finished(r->other.ssl))
            SSL_do_handshake(r->other.ssl);
    } while (to_ours(r) | from_ours(r));
}

static void rig_ready(struct rig *r, enum dtls_role ours) {
    rig_open(r, ours, false, NULL);
    shake(r);
    assert_int_equal(dtls_state(r->ours), DTLS_READY);
    assert_true(SSL_is_init_finished(r->other.ssl));
}

/* What OpenSSL makes of all that came: SSL_ERROR_x. */
static int other_hears(struct rig *r) {
    char c[64];
    int n = SSL_read(r->other.ssl, c, sizeof c);
    return SSL_get_error(r->other.ssl, n);
}

/* ---- records by hand ---- */

/* The key block by OpenSSL's TLS1-PRF: client key, server key, client salt, server salt. */
static void key_block(SSL *ssl, uint8_t out[2 * (KEY + SALT)]) {
    static char LABEL[] = "key expansion", DIGEST[] = "SHA256";
    uint8_t secret[48], client[32], server[32];
    SSL_SESSION_get_master_key(SSL_get_session(ssl), secret, sizeof secret);
    SSL_get_client_random(ssl, client, sizeof client);
    SSL_get_server_random(ssl, server, sizeof server);
    OSSL_PARAM v[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, DIGEST, 0),
                      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret, sizeof secret),
                      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, LABEL, sizeof LABEL - 1),
                      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, server, sizeof server),
                      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, client, sizeof client),
                      OSSL_PARAM_construct_end()};
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *k = EVP_KDF_CTX_new(kdf);
    assert_int_equal(EVP_KDF_derive(k, out, 2 * (KEY + SALT), v), 1);
    EVP_KDF_CTX_free(k);
    EVP_KDF_free(kdf);
}

/* A record of epoch 1 as the other end would seal it. */
static size_t seal(struct rig *r, uint8_t type, uint64_t seq, const void *text, size_t n, uint8_t *out) {
    uint8_t block[2 * (KEY + SALT)], nonce[12];
    bool client = !SSL_is_server(r->other.ssl);
    key_block(r->other.ssl, block);
    memcpy(nonce, block + 2 * KEY + (client ? 0 : SALT), SALT);
    for (int i = 0; i < 8; i++)
        nonce[SALT + i] = (uint8_t)(r->other.nonce >> (56 - 8 * i));
    r->other.nonce++;
    uint8_t head[13] = {type, 0xfe, 0xfd, 0, 1};
    for (int i = 0; i < 6; i++)
        head[5 + i] = (uint8_t)(seq >> (40 - 8 * i));
    /* RFC 5246 6.2.3.3: epoch and number, type, version, length of the text */
    uint8_t aad[13] = {0,        1,    head[5], head[6], head[7],           head[8],   head[9],
                       head[10], type, 0xfe,    0xfd,    (uint8_t)(n >> 8), (uint8_t)n};
    int len;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, block + (client ? 0 : KEY), nonce);
    EVP_EncryptUpdate(c, NULL, &len, aad, sizeof aad);
    EVP_EncryptUpdate(c, out + 21, &len, text, (int)n);
    EVP_EncryptFinal_ex(c, out + 21 + n, &len);
    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, out + 21 + n);
    EVP_CIPHER_CTX_free(c);
    head[11] = (uint8_t)((8 + n + 16) >> 8);
    head[12] = (uint8_t)(8 + n + 16);
    memcpy(out, head, sizeof head);
    memcpy(out + 13, nonce + SALT, 8);
    return 13 + 8 + n + 16;
}

static enum dtls_state feed_sealed(struct rig *r, uint8_t type, const void *text, size_t n) {
    uint8_t d[DATAGRAM];
    return feed(r, d, seal(r, type, r->other.seq++, text, n, d));
}

static bool says_something(struct rig *r) {
    uint8_t d[DTLS_MTU];
    return dtls_next_out(r->ours, d, sizeof d) > 0;
}

/* ---- tests ---- */

static void closing_from_here(void **state) {
    (void)state;
    for (int role = DTLS_SERVER; role <= DTLS_CLIENT; role++) {
        struct rig r;
        rig_ready(&r, (enum dtls_role)role);
        assert_int_equal(other_hears(&r), SSL_ERROR_WANT_READ);
        dtls_shutdown(r.ours);
        assert_int_equal(dtls_state(r.ours), DTLS_CLOSED);
        assert_true(from_ours(&r));
        assert_int_equal(r.last_out_n, SETTLED_ALERT_BYTES);
        assert_int_equal(other_hears(&r), SSL_ERROR_ZERO_RETURN);
        rig_close(&r);
    }
}

static void closing_from_there(void **state) {
    (void)state;
    for (int role = DTLS_SERVER; role <= DTLS_CLIENT; role++) {
        struct rig r;
        rig_ready(&r, (enum dtls_role)role);
        SSL_shutdown(r.other.ssl);
        assert_true(to_ours(&r));
        assert_int_equal(dtls_state(r.ours), DTLS_CLOSED);
        assert_string_equal(dtls_reason(r.ours), "");
        rig_close(&r);
    }
}

static const uint8_t finished[24] = {20, 0, 0, 12, 0, 9, 0, 0, 0, 0, 0, 12};

/* RFC 6347 4.2.4: the last flight is sent again for who sends the one before it again, however often. That
 * OpenSSL does so by its timer is in test_dtls.c. */
static void last_flight_lost(void **state) {
    (void)state;
    struct rig r;
    rig_open(&r, DTLS_SERVER, false, NULL);
    r.lose_flight = true;
    shake(&r);
    assert_int_equal(dtls_state(r.ours), DTLS_READY);
    assert_false(SSL_is_init_finished(r.other.ssl));
    for (int lost = 0; lost < 3; lost++) {
        assert_int_equal(feed_sealed(&r, 22, finished, sizeof finished), DTLS_READY);
        r.lose_flight = true;
        assert_true(from_ours(&r));
        assert_false(r.lose_flight);
    }
    feed_sealed(&r, 22, finished, sizeof finished);
    assert_true(from_ours(&r));
    assert_int_equal(SSL_do_handshake(r.other.ssl), 1);
    assert_true(SSL_is_init_finished(r.other.ssl));
    dtls_shutdown(r.ours);
    from_ours(&r);
    assert_int_equal(other_hears(&r), SSL_ERROR_ZERO_RETURN);
    rig_close(&r);
}

/* Neither the flight OpenSSL took nor one that was answered is answered once more. */
static void replayed_flights_are_silent(void **state) {
    (void)state;
    struct rig r;
    uint8_t d[DATAGRAM];
    rig_ready(&r, DTLS_SERVER);
    assert_int_equal(feed(&r, r.last_in, r.last_in_n), DTLS_READY);
    assert_false(says_something(&r));
    size_t n = seal(&r, 22, 7, finished, sizeof finished, d);
    assert_int_equal(feed(&r, d, n), DTLS_READY);
    assert_true(says_something(&r));
    for (int i = 0; i < 3; i++)
        assert_int_equal(feed(&r, d, n), DTLS_READY);
    assert_false(says_something(&r));
    rig_close(&r);
}

static void renegotiation_and_data_are_ignored(void **state) {
    (void)state;
    for (int role = DTLS_SERVER; role <= DTLS_CLIENT; role++) {
        struct rig r;
        rig_ready(&r, (enum dtls_role)role);
        assert_int_equal(SSL_write(r.other.ssl, "hello", 5), 5);
        SSL_renegotiate(r.other.ssl);
        SSL_do_handshake(r.other.ssl);
        assert_true(to_ours(&r));
        assert_int_equal(dtls_state(r.ours), DTLS_READY);
        assert_false(says_something(&r));
        rig_close(&r);
    }
}

static void records_by_hand(void **state) {
    (void)state;
    static const uint8_t hello_request[12] = {0}, client_hello[60] = {1, 0, 0, 48, 0, 5, 0, 0, 0, 0, 0, 48},
                         large[65] = {20};
    static const struct {
        uint8_t type;
        const void *text;
        size_t n;
        enum dtls_state then;
        bool answered;
    } t[] = {
        {22, hello_request, sizeof hello_request, DTLS_READY, false},
        {22, client_hello, sizeof client_hello, DTLS_READY, false},
        {22, finished, sizeof finished, DTLS_READY, true},
        {22, large, sizeof large, DTLS_READY, false},
        {22, finished, 0, DTLS_READY, false},
        {20, "\1", 1, DTLS_READY, false},
        {23, "chat", 4, DTLS_READY, false},
        {21, "\1\132", 2, DTLS_READY, false},     /* warning, user_canceled */
        {21, "\2\50", 1, DTLS_READY, false},      /* half an alert */
        {21, "\2\50\2\50", 4, DTLS_READY, false}, /* two in one record are not made by anybody */
        {21, "\2\50", 2, DTLS_FAILED, false},     /* fatal, handshake_failure */
        {21, "\1\0", 2, DTLS_CLOSED, false},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct rig r;
        rig_ready(&r, DTLS_SERVER);
        assert_int_equal(feed_sealed(&r, t[i].type, t[i].text, t[i].n), t[i].then);
        assert_int_equal(says_something(&r), t[i].answered);
        assert_string_equal(dtls_reason(r.ours), t[i].then == DTLS_FAILED ? "alert" : "");
        rig_close(&r);
    }
    struct rig r;
    rig_ready(&r, DTLS_CLIENT); /* the server sent the last flight: a client has nothing to repeat */
    assert_int_equal(feed_sealed(&r, 22, finished, sizeof finished), DTLS_READY);
    assert_false(says_something(&r));
    rig_close(&r);
}

/* One bit anywhere, another version, epoch or length, cut short: nothing of it counts. */
static void forgeries_are_ignored(void **state) {
    (void)state;
    struct rig r;
    uint8_t d[DATAGRAM], bad[DATAGRAM];
    rig_ready(&r, DTLS_SERVER);
    size_t n = seal(&r, 21, r.other.seq++, "\1\0", 2, d);
    for (size_t bit = 0; bit < n * 8; bit++) {
        memcpy(bad, d, n);
        bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(feed(&r, bad, n), DTLS_READY);
    }
    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(feed(&r, d, cut), DTLS_READY);
    assert_false(says_something(&r));
    /* Its number was not used up by any of them, and what stands before it in the datagram does not hide it.
     */
    memset(bad, 0, 13);
    memcpy(bad + 13, d, n);
    assert_int_equal(feed(&r, bad, 13 + n), DTLS_CLOSED);
    rig_close(&r);
}

static void each_number_counts_once(void **state) {
    (void)state;
    static const struct {
        uint64_t seq;
        bool fresh;
    } t[] = {{1000, true}, {1000, false},          {999, true},   {999, false},           {937, true},
             {936, false}, {937, false},           {1001, true},  {937, false},           {938, true},
             {1100, true}, {1001, false},          {1036, false}, {1037, true},           {1037, false},
             {1099, true}, {0xffffffffffff, true}, {1100, false}, {0xffffffffffff, false}};
    struct rig r;
    rig_ready(&r, DTLS_SERVER);
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        uint8_t d[DATAGRAM];
        feed(&r, d, seal(&r, 22, t[i].seq, finished, sizeof finished, d));
        assert_int_equal(says_something(&r), t[i].fresh);
    }
    rig_close(&r);
}

/* Browsers must have the one suite (RFC 8827 6.5); who has only others is refused, not half understood. */
static void cipher_suites(void **state) {
    (void)state;
    static const struct {
        enum dtls_role ours;
        bool rsa;
        const char *ciphers;
        enum dtls_state then;
    } t[] = {
        {DTLS_SERVER, false, "ECDHE-ECDSA-AES128-GCM-SHA256", DTLS_READY},
        {DTLS_CLIENT, false, "ECDHE-ECDSA-AES128-GCM-SHA256", DTLS_READY},
        {DTLS_SERVER, true, "ALL", DTLS_READY}, /* GStreamer's certificate is RSA: only it signs with it */
        {DTLS_CLIENT, true, "ALL", DTLS_READY},
        {DTLS_SERVER, false, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305", DTLS_FAILED},
        {DTLS_CLIENT, false, "ECDHE-ECDSA-AES128-SHA256", DTLS_FAILED},
    };
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct rig r;
        rig_open(&r, t[i].ours, t[i].rsa, t[i].ciphers);
        shake(&r);
        assert_int_equal(dtls_state(r.ours), t[i].then);
        if (t[i].then == DTLS_READY) {
            SSL_shutdown(r.other.ssl);
            to_ours(&r);
            assert_int_equal(dtls_state(r.ours), DTLS_CLOSED);
        }
        rig_close(&r);
    }
}

/* What must be there before it can be left. */
static void nothing_sent_is_nothing_settled(void **state) {
    (void)state;
    uint8_t secret[SETTLED_SECRET_BYTES] = {0}, random[SETTLED_RANDOM_BYTES] = {0};
    uint8_t flight[13 + 48] = {22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 48}, large[SETTLED_FLIGHT_MAX + 1];
    struct settled s = {0};
    assert_true(settled_open(&s, true, secret, random, random) < 0);
    settled_sent(&s, (struct bytes){flight, sizeof flight - 1});
    assert_true(settled_open(&s, false, secret, random, random) < 0);
    settled_sent(&s, (struct bytes){flight, sizeof flight});
    assert_int_equal(settled_open(&s, true, secret, random, random), 0);
    assert_int_equal(s.flight_n, sizeof flight);
    memset(large, 0, sizeof large - sizeof flight); /* an empty record of epoch 0 after the other */
    memcpy(large + sizeof large - sizeof flight, flight, sizeof flight);
    large[12] = 128 - 61 - 13 + 1;
    settled_sent(&s, (struct bytes){large, sizeof large});
    assert_true(settled_open(&s, true, secret, random, random) < 0);
    assert_int_equal(settled_open(&s, false, secret, random, random), 0);
}

static int set_up(void **state) {
    char err[256];
    (void)state;
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "queue");
    BIO_meth_set_read(method, other_read);
    BIO_meth_set_write(method, other_write);
    BIO_meth_set_ctrl(method, other_ctrl);
    return dtls_global_init(NULL, NULL, err);
}

static int tear_down(void **state) {
    (void)state;
    BIO_meth_free(method);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closing_from_here),
        cmocka_unit_test(closing_from_there),
        cmocka_unit_test(last_flight_lost),
        cmocka_unit_test(replayed_flights_are_silent),
        cmocka_unit_test(renegotiation_and_data_are_ignored),
        cmocka_unit_test(records_by_hand),
        cmocka_unit_test(forgeries_are_ignored),
        cmocka_unit_test(each_number_counts_once),
        cmocka_unit_test(cipher_suites),
        cmocka_unit_test(nothing_sent_is_nothing_settled),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
