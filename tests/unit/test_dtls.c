/* DTLS between our own client and server, then SRTP with the keys that come out: handshake, loss of any one
 * datagram, wrong fingerprints, close, garbage, replay, forgery, and the memory a viewer costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/rtc/dtls.h"

struct pair {
    struct dtls *server, *client;
    int carried, lose; /* datagrams that went over so far; the number of the one to lose, -1 none */
};

static void open_pair(struct pair *p, const uint8_t *fp_for_server, const uint8_t *fp_for_client) {
    uint8_t ours[DTLS_FP_BYTES];
    dtls_fingerprint_bytes(ours);
    *p = (struct pair){.lose = -1};
    assert_int_equal(
        dtls_open(&p->server, DTLS_SERVER, fp_for_server ? fp_for_server : ours, clock_mono_us()), 0);
    assert_int_equal(
        dtls_open(&p->client, DTLS_CLIENT, fp_for_client ? fp_for_client : ours, clock_mono_us()), 0);
}

static void close_pair(struct pair *p) {
    dtls_close(p->server);
    dtls_close(p->client);
}

/* Carries what waits at `from`; whether anything did. */
static bool carry(struct pair *p, struct dtls *from, struct dtls *to) {
    uint8_t dgram[DTLS_MTU];
    size_t n;
    bool any = false;
    while ((n = dtls_next_out(from, dgram, sizeof dgram))) {
        any = true;
        if (p->carried++ != p->lose)
            dtls_feed(to, (struct bytes){dgram, n}, clock_mono_us());
    }
    return any;
}

static bool settle(struct pair *p) {
    bool any = false;
    while (carry(p, p->client, p->server) | carry(p, p->server, p->client))
        any = true;
    return any;
}

static int64_t earliest(const struct pair *p) {
    int64_t a = dtls_next_us(p->client), b = dtls_next_us(p->server);
    return a < b ? a : b;
}

/* Until both are ready or one failed, waking at their own deadlines. */
static void run(struct pair *p) {
    int64_t until = clock_mono_us() + 10000000;
    for (;;) {
        settle(p);
        int64_t next = earliest(p), now = clock_mono_us();
        if (next == INT64_MAX || dtls_state(p->client) == DTLS_FAILED || dtls_state(p->server) == DTLS_FAILED)
            return;
        assert_true(now < until);
        if (next > now)
            usleep((useconds_t)(next - now)); /* lint: deadline, of the clock OpenSSL reads itself */
        dtls_on_timer(p->client, clock_mono_us());
        dtls_on_timer(p->server, clock_mono_us());
    }
}

static void assert_ready(struct pair *p) {
    struct secure_keys s, c;
    assert_int_equal(dtls_state(p->server), DTLS_READY);
    assert_int_equal(dtls_state(p->client), DTLS_READY);
    assert_int_equal(dtls_next_us(p->server), INT64_MAX);
    assert_int_equal(dtls_export_keys(p->server, &s), 0);
    assert_int_equal(dtls_export_keys(p->client, &c), 0);
    assert_int_equal(s.profile, SECURE_AEAD_AES_128_GCM);
    assert_memory_equal(s.tx, c.rx, SECURE_KEY_MAX);
    assert_memory_equal(s.rx, c.tx, SECURE_KEY_MAX);
    assert_memory_not_equal(s.rx, s.tx, 28);
}

static void handshake_and_close(void **state) {
    (void)state;
    struct pair p;
    struct secure_keys k;
    open_pair(&p, NULL, NULL);
    assert_int_equal(dtls_export_keys(p.server, &k), -ERR_CONFLICT);
    assert_true(settle(&p));
    assert_ready(&p);
    dtls_shutdown(p.client);
    assert_int_equal(dtls_state(p.client), DTLS_CLOSED);
    settle(&p);
    assert_int_equal(dtls_state(p.server), DTLS_CLOSED);
    assert_int_equal(dtls_export_keys(p.server, &k), -ERR_CONFLICT);
    close_pair(&p);
}

/* Each datagram of the handshake is lost once; the timers bring it through. */
static void any_one_datagram_lost(void **state) {
    (void)state;
    struct pair p;
    open_pair(&p, NULL, NULL);
    settle(&p);
    int total = p.carried;
    close_pair(&p);
    assert_in_range(total, 4, 12);
    for (int lose = 0; lose < total; lose++) {
        open_pair(&p, NULL, NULL);
        p.lose = lose;
        run(&p);
        assert_ready(&p);
        close_pair(&p);
    }
}

static void wrong_fingerprint(void **state) {
    (void)state;
    uint8_t other[DTLS_FP_BYTES];
    struct secure_keys k;
    for (int victim = 0; victim < 2; victim++) {
        struct pair p;
        dtls_fingerprint_bytes(other);
        other[31] ^= 1;
        open_pair(&p, victim ? other : NULL, victim ? NULL : other);
        settle(&p);
        struct dtls *judge = victim ? p.server : p.client, *judged = victim ? p.client : p.server;
        assert_int_equal(dtls_state(judge), DTLS_FAILED);
        assert_string_equal(dtls_reason(judge), "fingerprint");
        assert_int_equal(dtls_state(judged), DTLS_FAILED);
        assert_string_equal(dtls_reason(judged), "alert");
        assert_int_equal(dtls_export_keys(judge, &k), -ERR_CONFLICT);
        assert_int_equal(dtls_export_keys(judged, &k), -ERR_CONFLICT);
        close_pair(&p);
    }
}

static void silence_times_out(void **state) {
    (void)state;
    struct pair p;
    int64_t start = clock_mono_us();
    open_pair(&p, NULL, NULL);
    assert_true(dtls_next_us(p.server) >= start + DTLS_HANDSHAKE_US);
    assert_int_equal(dtls_on_timer(p.server, start + DTLS_HANDSHAKE_US - 1000), DTLS_HANDSHAKE);
    assert_int_equal(dtls_on_timer(p.server, dtls_next_us(p.server)), DTLS_FAILED);
    assert_string_equal(dtls_reason(p.server), "timeout");
    close_pair(&p);
}

/* The first piece of a message that says how long the whole is: nobody has the server set aside what he likes
 * to say (RFC 6347 4.2.2). */
static void a_long_message_is_not_awaited(void **state) {
    (void)state;
    static const struct {
        uint32_t says;
        enum dtls_state then;
    } rows[] = {{DTLS_CERTS_MAX, DTLS_HANDSHAKE}, {20000, DTLS_FAILED}, {60000, DTLS_FAILED}};
    for (size_t i = 0; i < countof(rows); i++) {
        enum { RECORD = 13, HEAD = 12, PIECE = 100 };
        uint8_t d[RECORD + HEAD + PIECE] = {22, 0xfe, 0xfd, [12] = HEAD + PIECE, [13] = 1};
        uint32_t n = rows[i].says;
        d[14] = (uint8_t)(n >> 16);
        d[15] = (uint8_t)(n >> 8);
        d[16] = (uint8_t)n;
        d[24] = PIECE;
        struct pair p;
        open_pair(&p, NULL, NULL);
        assert_int_equal(dtls_feed(p.server, (struct bytes){d, sizeof d}, clock_mono_us()), rows[i].then);
        close_pair(&p);
    }
}

/* Junk after the handshake, plaintext of epoch 0 included, changes nothing (CVE-2019-20786). */
static void garbage_when_ready(void **state) {
    (void)state;
    struct pair p;
    open_pair(&p, NULL, NULL);
    settle(&p);
    uint8_t alert[15] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0,
                         0,  0,    99,   0, 2, 2, 40}; /* epoch 0 fatal handshake_failure */
    uint8_t data[16] = {23, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 98, 0, 3, 'a', 'b', 'c'};
    assert_int_equal(dtls_feed(p.server, (struct bytes){alert, sizeof alert}, 1), DTLS_READY);
    assert_int_equal(dtls_feed(p.server, (struct bytes){data, sizeof data}, 1), DTLS_READY);
    for (uint8_t b = 0; b < 64; b++) {
        uint8_t junk[100];
        memset(junk, b, sizeof junk);
        junk[0] = (uint8_t)(20 + b % 44);
        assert_int_equal(dtls_feed(p.server, (struct bytes){junk, sizeof junk}, 1), DTLS_READY);
    }
    assert_ready(&p);
    close_pair(&p);
}

static void bad_identity_files(void **state) {
    (void)state;
    char err[256];
    assert_int_equal(dtls_global_init("/nonexistent.pem", "/nonexistent.key", err), -ERR_INVALID);
    assert_non_null(strstr(err, "/nonexistent.pem"));
    assert_int_equal(dtls_global_init("/nonexistent.pem", NULL, err), -ERR_INVALID);
    assert_int_equal(strlen(dtls_fingerprint()), DTLS_FP_TEXT - 1);
}

/* What an administrator made with the openssl program. */
static void make_files(EVP_PKEY *key, char cert_pem[32], char key_pem[32]) {
    strcpy(cert_pem, "/tmp/somhub-cert-XXXXXX");
    strcpy(key_pem, "/tmp/somhub-key-XXXXXX");
    FILE *c = fdopen(mkstemp(cert_pem), "w"), *k = fdopen(mkstemp(key_pem), "w");
    X509 *cert = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_X509(c, cert), 1);
    assert_int_equal(PEM_write_PrivateKey(k, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(c);
    fclose(k);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static void identity_files(void **state) {
    (void)state;
    enum { RSA_PAIR, ONE, OTHER, PAIRS };
    char err[256], cert[PAIRS][32], key[PAIRS][32];
    struct pair p;
    for (int i = 0; i < PAIRS; i++)
        make_files(i == RSA_PAIR ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), cert[i], key[i]);
    assert_int_equal(dtls_global_init(cert[RSA_PAIR], key[RSA_PAIR], err), -ERR_UNSUPPORTED);
    assert_int_equal(dtls_global_init(cert[ONE], key[OTHER], err), -ERR_INVALID);
    assert_int_equal(dtls_global_init(cert[ONE], key[ONE], err), 0);
    open_pair(&p, NULL, NULL);
    settle(&p);
    assert_ready(&p);
    close_pair(&p);
    for (int i = 0; i < PAIRS; i++) {
        unlink(cert[i]);
        unlink(key[i]);
    }
}

/* ---- SRTP with the keys ---- */

static size_t make_rtp(uint8_t *p, uint16_t seq, uint32_t ssrc) {
    memset(p, 0, 112);
    p[0] = 0x80;
    p[1] = 96;
    p[2] = (uint8_t)(seq >> 8);
    p[3] = (uint8_t)seq;
    p[8] = (uint8_t)(ssrc >> 24);
    p[9] = (uint8_t)(ssrc >> 16);
    p[10] = (uint8_t)(ssrc >> 8);
    p[11] = (uint8_t)ssrc;
    for (int i = 12; i < 112; i++)
        p[i] = (uint8_t)i;
    return 112;
}

static void keys_for(struct secure_keys *a, struct secure_keys *b, enum secure_profile profile) {
    *a = (struct secure_keys){.profile = profile};
    *b = *a;
    for (uint8_t i = 0; i < SECURE_KEY_MAX; i++) {
        a->tx[i] = b->rx[i] = i;
        a->rx[i] = b->tx[i] = (uint8_t)(i + 100);
    }
}

static void srtp_both_profiles(void **state) {
    (void)state;
    for (int profile = SECURE_AES128_CM_SHA1_80; profile <= SECURE_AEAD_AES_128_GCM; profile++) {
        struct secure_keys ka, kb;
        struct secure *a, *b;
        uint8_t plain[200], wire[200], again[200];
        keys_for(&ka, &kb, (enum secure_profile)profile);
        assert_int_equal(secure_open(&a, &ka), 0);
        assert_int_equal(secure_open(&b, &kb), 0);
        for (uint16_t i = 0; i < 3; i++) {
            size_t n = make_rtp(plain, (uint16_t)(1000 + i), 77);
            memcpy(wire, plain, n);
            int sealed = secure_protect(a, wire, n, sizeof wire);
            assert_true(sealed > (int)n && sealed <= (int)n + SECURE_TRAILER_MAX);
            memcpy(again, wire, (size_t)sealed);
            again[sealed - 1] ^= 1;
            assert_int_equal(secure_unprotect(b, again, (size_t)sealed), -ERR_FORGED);
            memcpy(again, wire, (size_t)sealed);
            assert_int_equal(secure_unprotect(b, wire, (size_t)sealed), n);
            assert_memory_equal(wire, plain, n);
            assert_int_equal(secure_unprotect(b, again, (size_t)sealed), -ERR_CONFLICT);
        }
        /* A repeat of an old packet may be sealed again (RTX of the same sequence number). */
        size_t n = make_rtp(wire, 1000, 77);
        assert_true(secure_protect(a, wire, n, sizeof wire) > 0);
        assert_int_equal(secure_protect(a, wire, n, n + SECURE_TRAILER_MAX - 1), -ERR_TOO_LARGE);
        uint8_t rr[64] = {0x80, 201, 0, 1, 0, 0, 0, 77};
        int sealed = secure_protect_rtcp(a, rr, 8, sizeof rr);
        assert_true(sealed > 8 && sealed <= 8 + SECURE_TRAILER_MAX);
        memcpy(again, rr, (size_t)sealed);
        assert_int_equal(secure_unprotect_rtcp(b, rr, (size_t)sealed), 8);
        assert_int_equal(rr[7], 77);
        assert_int_equal(secure_unprotect_rtcp(b, again, (size_t)sealed), -ERR_CONFLICT);
        for (size_t cut = 0; cut < (size_t)sealed; cut++)
            assert_true(secure_unprotect_rtcp(b, again, cut) < 0);
        secure_close(a);
        secure_close(b);
    }
}

/* Strangers cost nothing; the peer itself can make SECURE_SSRCS_MAX streams, then must wait for one to be
 * dropped. */
static void ssrcs_are_bounded(void **state) {
    (void)state;
    struct secure_keys ka, kb;
    struct secure *a, *b;
    uint8_t wire[200];
    keys_for(&ka, &kb, SECURE_AEAD_AES_128_GCM);
    secure_open(&a, &ka);
    secure_open(&b, &kb);
    for (uint32_t ssrc = 5000; ssrc < 5200; ssrc++) {
        size_t n = make_rtp(wire, 1, ssrc);
        assert_true(secure_unprotect(b, wire, n) < 0); /* forged: must not take a place */
    }
    for (uint32_t ssrc = 1; ssrc <= SECURE_SSRCS_MAX + 1; ssrc++) {
        size_t n = make_rtp(wire, 1, ssrc);
        int sealed = secure_protect(a, wire, n, sizeof wire);
        int r = secure_unprotect(b, wire, (size_t)sealed);
        assert_int_equal(r, ssrc <= SECURE_SSRCS_MAX ? (int)n : -ERR_FULL);
    }
    secure_drop(b, 3);
    size_t n = make_rtp(wire, 2, SECURE_SSRCS_MAX + 1);
    int sealed = secure_protect(a, wire, n, sizeof wire);
    assert_int_equal(secure_unprotect(b, wire, (size_t)sealed), n);
    secure_close(a);
    secure_close(b);
    struct secure_keys none = {0};
    assert_int_equal(secure_open(&a, &none), -ERR_UNSUPPORTED);
}

/* ---- a client that is not ours: OpenSSL as it comes, with a certificate of its own ---- */

struct other {
    SSL_CTX *ctx;
    SSL *ssl;
    BIO *in, *out; /* records, one after another */
    uint8_t fp[DTLS_FP_BYTES];
};

static void open_other(struct other *o, int version, const char *ciphers, const char *profiles) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    assert_int_equal(X509_digest(cert, EVP_sha256(), o->fp, NULL), 1);
    o->ctx = SSL_CTX_new(DTLS_client_method());
    SSL_CTX_set_security_level(o->ctx, 0); /* OpenSSL 3 has DTLS 1.0 only there */
    assert_int_equal(SSL_CTX_set_min_proto_version(o->ctx, version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(o->ctx, version), 1);
    assert_int_equal(SSL_CTX_set_cipher_list(o->ctx, ciphers), 1);
    assert_int_equal(SSL_CTX_set_tlsext_use_srtp(o->ctx, profiles), 0); /* 0 is success */
    assert_int_equal(SSL_CTX_use_certificate(o->ctx, cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(o->ctx, key), 1);
    SSL_CTX_set_options(o->ctx, SSL_OP_NO_QUERY_MTU);
    o->ssl = SSL_new(o->ctx);
    o->in = BIO_new(BIO_s_mem());
    o->out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(o->in, -1);
    SSL_set_bio(o->ssl, o->in, o->out);
    SSL_set_mtu(o->ssl, DTLS_MTU);
    SSL_set_connect_state(o->ssl);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static void close_other(struct other *o) {
    SSL_free(o->ssl);
    SSL_CTX_free(o->ctx);
}

/* Both speak until neither has more to say; the client's last error, 0 when its handshake is done. */
static unsigned long shake_other(struct other *o, struct dtls *server) {
    uint8_t d[4 * DTLS_MTU];
    for (;;) {
        ERR_clear_error();
        int r = SSL_do_handshake(o->ssl), n = BIO_read(o->out, d, sizeof d);
        unsigned long e = r == 1 ? 0 : ERR_peek_error();
        if (n > 0)
            dtls_feed(server, (struct bytes){d, (size_t)n}, clock_mono_us());
        size_t got = dtls_next_out(server, d, sizeof d);
        if (n <= 0 && !got)
            return e;
        for (; got; got = dtls_next_out(server, d, sizeof d))
            assert_int_equal(BIO_write(o->in, d, (int)got), got);
    }
}

/* RFC 5764 4.2: the client's key, the server's key, the client's salt, the server's salt. */
static void keys_of_other(struct other *o, struct secure_keys *k) {
    enum { KEY = 16 };
    static const char label[] = "EXTRACTOR-dtls_srtp";
    bool gcm = SSL_get_selected_srtp_profile(o->ssl)->id == SRTP_AEAD_AES_128_GCM;
    size_t salt = gcm ? 12 : 14;
    uint8_t m[2 * SECURE_KEY_MAX];
    *k = (struct secure_keys){.profile = gcm ? SECURE_AEAD_AES_128_GCM : SECURE_AES128_CM_SHA1_80};
    assert_int_equal(
        SSL_export_keying_material(o->ssl, m, 2 * (KEY + salt), label, sizeof label - 1, NULL, 0, 0), 1);
    memcpy(k->tx, m, KEY);
    memcpy(k->rx, m + KEY, KEY);
    memcpy(k->tx + KEY, m + 2 * (size_t)KEY, salt);
    memcpy(k->rx + KEY, m + 2 * (size_t)KEY + salt, salt);
}

static void media_goes(const struct secure_keys *from, const struct secure_keys *to) {
    struct secure *a, *b;
    uint8_t plain[200], wire[200];
    assert_int_equal(secure_open(&a, from), 0);
    assert_int_equal(secure_open(&b, to), 0);
    size_t n = make_rtp(plain, 2000, 78);
    memcpy(wire, plain, n);
    int sealed = secure_protect(a, wire, n, sizeof wire);
    assert_true(sealed > (int)n);
    assert_memory_not_equal(wire + 12, plain + 12, n - 12);
    assert_int_equal(secure_unprotect(b, wire, (size_t)sealed), n);
    assert_memory_equal(wire, plain, n);
    secure_close(a);
    secure_close(b);
}

static const char good_ciphers[] = "ECDHE-ECDSA-AES128-GCM-SHA256";

/* Who has only the one that all must have (RFC 8827 6.5) is served with it; who has both gets GCM, in
 * whatever order he names them; who has neither gets nothing. */
static void profile_by_the_offer(void **state) {
    (void)state;
    static const struct {
        const char *offers;
        enum secure_profile then;
    } rows[] = {{"SRTP_AES128_CM_SHA1_80", SECURE_AES128_CM_SHA1_80},
                {"SRTP_AEAD_AES_128_GCM", SECURE_AEAD_AES_128_GCM},
                {"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", SECURE_AEAD_AES_128_GCM},
                {"SRTP_AES128_CM_SHA1_32:SRTP_AES128_CM_SHA1_80", SECURE_AES128_CM_SHA1_80},
                {"SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_32", SECURE_NONE}};
    for (size_t i = 0; i < countof(rows); i++) {
        struct other o;
        struct dtls *server;
        struct secure_keys ours, theirs;
        open_other(&o, DTLS1_2_VERSION, good_ciphers, rows[i].offers);
        assert_int_equal(dtls_open(&server, DTLS_SERVER, o.fp, clock_mono_us()), 0);
        shake_other(&o, server);
        if (rows[i].then == SECURE_NONE) {
            assert_int_equal(dtls_state(server), DTLS_FAILED);
            assert_string_equal(dtls_reason(server), "profile");
            assert_int_equal(dtls_export_keys(server, &ours), -ERR_CONFLICT);
        } else {
            assert_int_equal(SSL_is_init_finished(o.ssl), 1);
            assert_int_equal(dtls_state(server), DTLS_READY);
            assert_int_equal(dtls_export_keys(server, &ours), 0);
            keys_of_other(&o, &theirs);
            assert_int_equal(ours.profile, rows[i].then);
            assert_int_equal(theirs.profile, rows[i].then);
            assert_memory_equal(ours.tx, theirs.rx, SECURE_KEY_MAX);
            assert_memory_equal(ours.rx, theirs.tx, SECURE_KEY_MAX);
            media_goes(&theirs, &ours);
            media_goes(&ours, &theirs);
        }
        dtls_close(server);
        close_other(&o);
    }
}

/* RFC 8996 deprecates it: he is told so, by its alert and not for want of a cipher. */
static void the_old_dtls_is_refused(void **state) {
    (void)state;
    struct other o;
    struct dtls *server;
    open_other(&o, DTLS1_VERSION, "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA", "SRTP_AEAD_AES_128_GCM");
    assert_int_equal(dtls_open(&server, DTLS_SERVER, o.fp, clock_mono_us()), 0);
    unsigned long e = shake_other(&o, server);
    assert_int_equal(ERR_GET_REASON(e), SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
    assert_int_equal(dtls_state(server), DTLS_FAILED);
    assert_string_equal(dtls_reason(server), "protocol");
    dtls_close(server);
    close_other(&o);
}

/* What we show: the certificate whose digest the answer told, ECDSA over P-256, with a handshake of 1.2. */
static void our_certificate(void **state) {
    (void)state;
    struct other o;
    struct dtls *server;
    uint8_t told[DTLS_FP_BYTES], shown[DTLS_FP_BYTES];
    char curve[64];
    open_other(&o, DTLS1_2_VERSION, good_ciphers, "SRTP_AEAD_AES_128_GCM");
    assert_int_equal(dtls_open(&server, DTLS_SERVER, o.fp, clock_mono_us()), 0);
    assert_int_equal(shake_other(&o, server), 0);
    assert_int_equal(SSL_version(o.ssl), DTLS1_2_VERSION);
    X509 *cert = SSL_get0_peer_certificate(o.ssl);
    assert_non_null(cert);
    assert_int_equal(X509_digest(cert, EVP_sha256(), shown, NULL), 1);
    dtls_fingerprint_bytes(told);
    assert_memory_equal(shown, told, DTLS_FP_BYTES);
    EVP_PKEY *key = X509_get0_pubkey(cert);
    assert_true(EVP_PKEY_is_a(key, "EC"));
    assert_int_equal(EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL), 1);
    assert_string_equal(curve, "prime256v1"); /* P-256 as OpenSSL calls it */
    assert_int_equal(X509_get_signature_nid(cert), NID_ecdsa_with_SHA256);
    dtls_close(server);
    close_other(&o);
}

/* What one connected peer holds on the heap in DTLS and SRTP together, streams of a full view included. */
static void a_viewer_is_small(void **state) {
    (void)state;
    enum { PEERS = 50, STREAMS = 27, BUDGET = 8000, DTLS_BUDGET = 1500 };
    struct pair p[PEERS];
    struct secure *s[PEERS];
    size_t before = mallinfo2().uordblks, dtls_bytes = 0;
    for (int i = 0; i < PEERS; i++) {
        struct secure_keys k;
        size_t here = mallinfo2().uordblks;
        open_pair(&p[i], NULL, NULL);
        settle(&p[i]);
        assert_ready(&p[i]);
        dtls_export_keys(p[i].server, &k);
        dtls_close(p[i].client);
        dtls_bytes += mallinfo2().uordblks - here;
        secure_open(&s[i], &k);
        for (uint32_t ssrc = 1; ssrc <= STREAMS; ssrc++) {
            uint8_t wire[200];
            size_t n = make_rtp(wire, 1000, ssrc);
            assert_true(secure_protect(s[i], wire, n, sizeof wire) > 0);
        }
    }
    size_t each = (mallinfo2().uordblks - before) / PEERS;
    dtls_bytes /= PEERS;
    print_message("a viewer holds %zu bytes of DTLS and SRTP, %zu DTLS\n", each, dtls_bytes);
    assert_true(each < BUDGET);
    assert_true(dtls_bytes < DTLS_BUDGET);
    for (int i = 0; i < PEERS; i++) {
        dtls_close(p[i].server);
        secure_close(s[i]);
    }
}

static int set_up(void **state) {
    char err[256];
    (void)state;
    return dtls_global_init(NULL, NULL, err) || secure_global_init();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshake_and_close),   cmocka_unit_test(our_certificate),
        cmocka_unit_test(profile_by_the_offer),  cmocka_unit_test(the_old_dtls_is_refused),
        cmocka_unit_test(any_one_datagram_lost), cmocka_unit_test(wrong_fingerprint),
        cmocka_unit_test(silence_times_out),     cmocka_unit_test(a_long_message_is_not_awaited),
        cmocka_unit_test(garbage_when_ready),    cmocka_unit_test(bad_identity_files),
        cmocka_unit_test(identity_files),        cmocka_unit_test(srtp_both_profiles),
        cmocka_unit_test(ssrcs_are_bounded),     cmocka_unit_test(a_viewer_is_small),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
