#include "media/rtc/dtls.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "media/base/err.h"
#include "media/base/hmac.h"
#include "media/base/mem.h"
#include "media/base/slim.h"
#include "media/rtc/settled.h"

/* RFC 6347 4.2.4.1 suggests 1 s and doubling; media clients start lower because a person waits for the
 * picture. */
enum { RETRANSMIT_FIRST_US = 200000, RETRANSMIT_MAX_US = 3000000 };
enum { FRAGMENT_BYTES = 1024, KEY_BYTES = 16, SALT_GCM = 12, SALT_CM = 14 };

/* RFC 8827 6.5: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 with P-256 "MUST" be there, so nobody needs another;
 * the second is for a server with an RSA certificate (GStreamer makes those). settled.c knows no other
 * cipher. */
static const char CIPHERS[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
static const char PROFILES[] = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

struct datagram {
    struct datagram *next;
    size_t n;
    uint8_t p[];
};

struct dtls {
    SSL *ssl; /* while the handshake goes on */
    struct settled settled;
    struct secure_keys keys; /* when ready */
    enum dtls_state state;
    const char *reason;
    bool fp_matched;
    uint8_t remote_fp[DTLS_FP_BYTES];
    struct bytes in; /* the datagram being fed; empty between calls */
    struct datagram *out, **out_tail;
    unsigned out_count;
    int64_t give_up_us, retransmit_us;
};

static SSL_CTX *ctx; /* shared by all associations: read-only after dtls_global_init */
static BIO_METHOD *bio_method;
static uint8_t our_fp[DTLS_FP_BYTES];
static char our_fp_text[DTLS_FP_TEXT];

/* ---- a BIO of datagrams: OpenSSL 3.0 has none in memory ---- */

static int bio_read(BIO *bio, char *dst, int cap) {
    struct dtls *d = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!d->in.n) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t n =
        d->in.n < (size_t)cap ? d->in.n : (size_t)cap; /* like recv: the rest of a longer one is lost */
    memcpy(dst, d->in.p, n);
    d->in.n = 0;
    return (int)n;
}

static void put_out(struct dtls *d, struct bytes datagram) {
    if (!datagram.n || datagram.n > DTLS_MTU || d->out_count == DTLS_OUT_MAX)
        return; /* lost, as a network may: it will be asked for again */
    struct datagram *g = mem_zalloc(sizeof *g + datagram.n);
    g->n = datagram.n;
    memcpy(g->p, datagram.p, datagram.n);
    *d->out_tail = g;
    d->out_tail = &g->next;
    d->out_count++;
}

static int bio_write(BIO *bio, const char *src, int n) {
    struct dtls *d = BIO_get_data(bio);
    struct bytes datagram = {(const uint8_t *)src, n > 0 ? (size_t)n : 0};
    settled_sent(&d->settled, datagram);
    put_out(d, datagram);
    return n;
}

static long bio_ctrl(BIO *bio, int cmd, long num, void *ptr) {
    (void)bio;
    (void)num;
    (void)ptr;
    switch (cmd) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return DTLS_MTU;
    default:
        return 0;
    }
}

/* ---- once ---- */

/* Whoever signs it, a certificate is right when its digest is the one the signalling told (RFC 8122 §5).
 * Inside the handshake, so that a wrong one ends it with an alert before any key exists. */
static int verify_cert(X509_STORE_CTX *store, void *arg) {
    (void)arg;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct dtls *d = SSL_get_app_data(ssl);
    X509 *cert = X509_STORE_CTX_get0_cert(store);
    uint8_t fp[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    d->fp_matched = cert && X509_digest(cert, EVP_sha256(), fp, &n) && n == DTLS_FP_BYTES &&
                    hmac_same(fp, d->remote_fp, DTLS_FP_BYTES);
    if (!d->fp_matched) {
        d->reason = "fingerprint";
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    }
    return d->fp_matched;
}

static X509 *make_cert(EVP_PKEY *key) {
    X509 *cert = X509_new();
    uint64_t serial = 0;
    bool ok = cert && RAND_bytes((unsigned char *)&serial, sizeof serial) == 1;
    X509_NAME *name = ok ? X509_get_subject_name(cert) : NULL;
    ok = ok && X509_set_version(cert, X509_VERSION_3) &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) &&
         /* No clock decides anything here: peers compare the digest, not the dates. */
         X509_gmtime_adj(X509_getm_notBefore(cert), -24 * 3600) &&
         X509_gmtime_adj(X509_getm_notAfter(cert), 10L * 365 * 24 * 3600) &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"somhub", -1, -1, 0) &&
         X509_set_issuer_name(cert, name) && X509_set_pubkey(cert, key) &&
         X509_sign(cert, key, EVP_sha256()) > 0;
    if (ok)
        return cert;
    X509_free(cert);
    return NULL;
}

static int make_identity(SSL_CTX *c, char err[256]) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = key ? make_cert(key) : NULL;
    bool ok = cert && SSL_CTX_use_certificate(c, cert) == 1 && SSL_CTX_use_PrivateKey(c, key) == 1;
    X509_free(cert);
    EVP_PKEY_free(key);
    if (!ok)
        snprintf(err, 256, "OpenSSL could not make a P-256 certificate");
    return ok ? 0 : -ERR_IO;
}

static int load_identity(SSL_CTX *c, const char *cert_pem, const char *key_pem, char err[256]) {
    if (SSL_CTX_use_certificate_file(c, cert_pem, SSL_FILETYPE_PEM) != 1) {
        snprintf(err, 256, "cannot read a PEM certificate from %.200s", cert_pem);
        return -ERR_INVALID;
    }
    /* By OpenSSL's own context: slim knows no files. */
    FILE *f = fopen(key_pem, "r");
    EVP_PKEY *key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
    bool fits = key && SSL_CTX_use_PrivateKey(c, key) == 1;
    if (f)
        fclose(f);
    EVP_PKEY_free(key);
    if (!fits) {
        snprintf(err, 256, "%.150s is not the PEM private key of the certificate", key_pem);
        return -ERR_INVALID;
    }
    if (!EVP_PKEY_is_a(SSL_CTX_get0_privatekey(c), "EC")) {
        snprintf(err, 256, "the DTLS key in %.150s must be ECDSA (P-256)", key_pem);
        return -ERR_UNSUPPORTED;
    }
    return 0;
}

static bool set_up(SSL_CTX *c) {
    SSL_CTX_set_options(c, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                               SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(c, verify_cert, NULL);
    SSL_CTX_set_read_ahead(c, 1);
    SSL_CTX_set_max_cert_list(c, DTLS_CERTS_MAX); /* OpenSSL would hold 100 kB of them for a stranger */
    return SSL_CTX_set_min_proto_version(c, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(c, CIPHERS) == 1 &&
           SSL_CTX_set1_groups_list(c, "X25519:P-256:P-384") == 1 &&
           SSL_CTX_set_tlsext_use_srtp(c, PROFILES) == 0; /* this one answers 0 for success */
}

static int set_bio_method(void) {
    if (bio_method)
        return 0;
    bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "somhub datagram");
    return bio_method && BIO_meth_set_read(bio_method, bio_read) &&
                   BIO_meth_set_write(bio_method, bio_write) && BIO_meth_set_ctrl(bio_method, bio_ctrl)
               ? 0
               : -ERR_IO;
}

int dtls_global_init(const char *cert_pem, const char *key_pem, char err[256]) {
    err[0] = 0;
    if (ctx && !cert_pem && !key_pem)
        return 0;
    if (!cert_pem != !key_pem) {
        snprintf(err, 256, "give both the DTLS certificate and its key, or neither");
        return -ERR_INVALID;
    }
    SSL_CTX *c = SSL_CTX_new_ex(slim_open(), NULL, DTLS_method());
    int r = c && set_up(c) && !set_bio_method() ? 0 : -ERR_IO;
    if (r)
        snprintf(err, 256, "OpenSSL lacks what DTLS-SRTP needs");
    else
        r = cert_pem ? load_identity(c, cert_pem, key_pem, err) : make_identity(c, err);
    ERR_clear_error();
    if (r) {
        SSL_CTX_free(c);
        return r;
    }
    SSL_CTX_free(ctx); /* associations still open hold their own reference */
    ctx = c;
    X509_digest(SSL_CTX_get0_certificate(c), EVP_sha256(), our_fp, NULL);
    for (size_t i = 0; i < DTLS_FP_BYTES; i++)
        snprintf(our_fp_text + i * 3, 4, i + 1 < DTLS_FP_BYTES ? "%02X:" : "%02X", our_fp[i]);
    return 0;
}

void dtls_global_profile(enum secure_profile only) {
    /* This one answers 0 for success. */
    if (SSL_CTX_set_tlsext_use_srtp(ctx, only == SECURE_AES128_CM_SHA1_80 ? "SRTP_AES128_CM_SHA1_80"
                                                                          : "SRTP_AEAD_AES_128_GCM"))
        abort();
}

const char *dtls_fingerprint(void) { return our_fp_text; }
void dtls_fingerprint_bytes(uint8_t out[DTLS_FP_BYTES]) { memcpy(out, our_fp, DTLS_FP_BYTES); }

/* ---- one association ---- */

static unsigned next_timeout_us(SSL *ssl, unsigned timer_us) {
    (void)ssl;
    unsigned next = timer_us ? timer_us * 2 : RETRANSMIT_FIRST_US;
    return next > RETRANSMIT_MAX_US ? RETRANSMIT_MAX_US : next;
}

static void fail(struct dtls *d, const char *reason) {
    d->state = DTLS_FAILED;
    if (!d->reason[0])
        d->reason = reason;
}

static const char *reason_of(unsigned long e) {
    return ERR_GET_REASON(e) >= SSL_AD_REASON_OFFSET ? "alert"
                                                     : "protocol"; /* alerts received are numbered above it */
}

/* RFC 5764 4.2: client key, server key, client salt, server salt. */
static bool take_keys(struct dtls *d, bool server) {
    const SRTP_PROTECTION_PROFILE *p = SSL_get_selected_srtp_profile(d->ssl);
    bool gcm = p && p->id == SRTP_AEAD_AES_128_GCM;
    size_t salt = gcm ? SALT_GCM : SALT_CM, half = KEY_BYTES + salt;
    uint8_t m[2 * SECURE_KEY_MAX];
    static const char LABEL[] = "EXTRACTOR-dtls_srtp";
    if (!p || SSL_export_keying_material(d->ssl, m, 2 * half, LABEL, sizeof LABEL - 1, NULL, 0, 0) != 1)
        return false;
    uint8_t *client = server ? d->keys.rx : d->keys.tx, *other = server ? d->keys.tx : d->keys.rx;
    d->keys.profile = gcm ? SECURE_AEAD_AES_128_GCM : SECURE_AES128_CM_SHA1_80;
    memcpy(client, m, KEY_BYTES);
    memcpy(client + KEY_BYTES, m + 2 * KEY_BYTES, salt);
    memcpy(other, m + KEY_BYTES, KEY_BYTES);
    memcpy(other + KEY_BYTES, m + 2 * KEY_BYTES + salt, salt);
    OPENSSL_cleanse(m, sizeof m);
    return true;
}

static bool settle(struct dtls *d, bool server) {
    uint8_t secret[SETTLED_SECRET_BYTES], client[SETTLED_RANDOM_BYTES], other[SETTLED_RANDOM_BYTES];
    bool ok = SSL_SESSION_get_master_key(SSL_get_session(d->ssl), secret, sizeof secret) == sizeof secret &&
              SSL_get_client_random(d->ssl, client, sizeof client) == sizeof client &&
              SSL_get_server_random(d->ssl, other, sizeof other) == sizeof other &&
              !settled_open(&d->settled, server, secret, client, other);
    OPENSSL_cleanse(secret, sizeof secret);
    return ok;
}

/* OpenSSL is needed no more: for an hour of class it would hold 41 kB, a handshake buffer most of it. */
static void on_ready(struct dtls *d) {
    bool server = SSL_is_server(d->ssl);
    if (!d->fp_matched) {
        fail(d, "fingerprint");
    } else if (!take_keys(d, server)) {
        fail(d, "profile");
    } else if (!settle(d, server)) {
        fail(d, "protocol");
    } else {
        d->state = DTLS_READY;
        SSL_free(d->ssl);
        d->ssl = NULL;
    }
}

static void shake(struct dtls *d) {
    ERR_clear_error();
    int r = SSL_do_handshake(d->ssl);
    if (r == 1) {
        on_ready(d);
        return;
    }
    int e = SSL_get_error(d->ssl, r);
    if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE)
        fail(d, reason_of(ERR_peek_error()));
}

static void hear(struct dtls *d, struct bytes datagram) {
    switch (settled_feed(&d->settled, datagram)) {
    case SETTLED_NOTHING:
        break;
    case SETTLED_AGAIN:
        put_out(d, (struct bytes){d->settled.flight, d->settled.flight_n});
        break;
    case SETTLED_CLOSED:
        d->state = DTLS_CLOSED;
        break;
    case SETTLED_ALERT:
        fail(d, "alert");
    }
}

static void plan(struct dtls *d, int64_t now_us) {
    struct timeval left;
    /* OpenSSL times its retransmissions by its own clock; what is left of it is laid onto the caller's. */
    if (d->state == DTLS_HANDSHAKE && DTLSv1_get_timeout(d->ssl, &left))
        d->retransmit_us = now_us + left.tv_sec * 1000000LL + left.tv_usec + 1;
    else
        d->retransmit_us = INT64_MAX;
}

static int attach(struct dtls *d, enum dtls_role role) {
    BIO *bio = BIO_new(bio_method);
    if (!bio)
        return -ERR_IO;
    BIO_set_data(bio, d);
    BIO_set_init(bio, 1);
    SSL_set_bio(d->ssl, bio, bio);
    SSL_set_app_data(d->ssl, d);
    SSL_set_mtu(d->ssl, DTLS_MTU);
    SSL_set_max_send_fragment(d->ssl, FRAGMENT_BYTES); /* also sizes OpenSSL's write buffer */
    DTLS_set_timer_cb(d->ssl, next_timeout_us);
    if (role == DTLS_SERVER)
        SSL_set_accept_state(d->ssl);
    else
        SSL_set_connect_state(d->ssl);
    return 0;
}

int dtls_open(struct dtls **out, enum dtls_role role, const uint8_t remote_fp[DTLS_FP_BYTES],
              int64_t now_us) {
    if (!ctx)
        return -ERR_CONFLICT;
    struct dtls *d = mem_zalloc(sizeof *d);
    d->reason = "";
    d->out_tail = &d->out;
    d->give_up_us = now_us + DTLS_HANDSHAKE_US;
    d->retransmit_us = INT64_MAX;
    memcpy(d->remote_fp, remote_fp, DTLS_FP_BYTES);
    d->ssl = SSL_new(ctx);
    if (!d->ssl || attach(d, role)) {
        dtls_close(d);
        return -ERR_IO;
    }
    if (role == DTLS_CLIENT) {
        shake(d);
        plan(d, now_us);
    }
    *out = d;
    return 0;
}

void dtls_close(struct dtls *d) {
    if (!d)
        return;
    SSL_free(d->ssl);
    while (d->out) {
        struct datagram *g = d->out;
        d->out = g->next;
        mem_free(g);
    }
    settled_fini(&d->settled);
    OPENSSL_cleanse(&d->keys, sizeof d->keys);
    mem_free(d);
}

enum dtls_state dtls_feed(struct dtls *d, struct bytes datagram, int64_t now_us) {
    if (d->state == DTLS_FAILED || d->state == DTLS_CLOSED)
        return d->state;
    bool was_ready = d->state == DTLS_READY;
    d->in = datagram;
    if (!was_ready)
        shake(d);
    d->in = (struct bytes){0};
    if (was_ready)
        hear(d, datagram);
    else if (d->state == DTLS_READY)
        settled_feed(&d->settled, datagram); /* OpenSSL acted on it: a copy of it is a copy */
    plan(d, now_us);
    return d->state;
}

size_t dtls_next_out(struct dtls *d, uint8_t *dst, size_t cap) {
    struct datagram *g = d->out;
    if (!g || g->n > cap)
        return 0;
    size_t n = g->n;
    memcpy(dst, g->p, n);
    d->out = g->next;
    if (!d->out)
        d->out_tail = &d->out;
    d->out_count--;
    mem_free(g);
    return n;
}

int64_t dtls_next_us(const struct dtls *d) {
    if (d->state != DTLS_HANDSHAKE)
        return INT64_MAX;
    return d->retransmit_us < d->give_up_us ? d->retransmit_us : d->give_up_us;
}

enum dtls_state dtls_on_timer(struct dtls *d, int64_t now_us) {
    if (d->state != DTLS_HANDSHAKE)
        return d->state;
    if (now_us >= d->give_up_us) {
        fail(d, "timeout");
        return d->state;
    }
    ERR_clear_error();
    if (now_us >= d->retransmit_us && DTLSv1_handle_timeout(d->ssl) < 0)
        fail(d, "timeout"); /* OpenSSL gave up */
    plan(d, now_us);
    return d->state;
}

enum dtls_state dtls_state(const struct dtls *d) { return d->state; }

void dtls_shutdown(struct dtls *d) {
    uint8_t alert[SETTLED_ALERT_BYTES];
    if (d->state == DTLS_READY) {
        settled_close_notify(&d->settled, alert);
        put_out(d, (struct bytes){alert, sizeof alert});
    }
    if (d->state != DTLS_FAILED)
        d->state = DTLS_CLOSED;
}

int dtls_export_keys(const struct dtls *d, struct secure_keys *out) {
    if (d->state != DTLS_READY)
        return -ERR_CONFLICT;
    *out = d->keys;
    return 0;
}

const char *dtls_reason(const struct dtls *d) { return d->reason; }
