/* bench_cost — the steps of a forwarded packet one by one, in nanoseconds of this thread: writing it,
 * protecting it in each of the ways there are, and handing it to the kernel, which on this machine carries it
 * into the receiver's socket as well. Their sum is the floor that bench_sfu is to be held against. Then what
 * one who joins costs: the server's half of a DTLS handshake, and of that the arithmetic no library can save.
 * Prints a JSON object. */
#include "media/base/clock.h"
#include "media/base/gcm.h"
#include "media/base/json.h"
#include "media/net/udp.h"
#include "media/rtc/dtls.h"
#include "media/rtc/rtp.h"
#include "media/rtc/seal.h"
#include "media/rtc/sealcm.h"
#include <openssl/evp.h>
#include <srtp2/srtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { BYTES = 1100, ROOM = 1600, KEYS = 200, ROUNDS = 9, PACKETS = 20000, RECEIVERS = 64, RUN = 4 };
enum { SHAKES = 100 };

static uint8_t payload[BYTES], room[UDP_BATCH][ROOM], lot[RECEIVERS * RUN * (BYTES + 40)];

static int64_t cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One packet for the k-th viewer into p; its length. */
typedef size_t step_fn(unsigned k, uint16_t seq, uint8_t *p);

static double step_ns(step_fn *step) {
    double round[ROUNDS];
    uint16_t seq = 1000;
    for (int r = 0; r < ROUNDS; r++) {
        int64_t from = cpu_ns();
        for (unsigned i = 0; i < PACKETS; i++) {
            seq += i % KEYS == 0;
            step(i % KEYS, seq, room[i % UDP_BATCH]);
        }
        round[r] = (double)(cpu_ns() - from) / PACKETS;
    }
    qsort(round, ROUNDS, sizeof *round, by_size);
    return round[ROUNDS / 2];
}

/* ---- writing and protecting ---- */

static struct seal *seals[KEYS];
static struct sealcm *sealcms[KEYS];
static srtp_t srtps[KEYS];

static size_t write_packet(unsigned k, uint16_t seq, uint8_t *p) {
    struct rtp_out o = {
        .pt = 102, .seq = seq, .ssrc = k + 1, .mid = "3", .mid_n = 1, .map = {.mid = 4, .abs_send_time = 2}};
    return (size_t)rtp_write(&o, (struct bytes){payload, BYTES}, p, ROOM);
}

static size_t with_seal(unsigned k, uint16_t seq, uint8_t *p) {
    return (size_t)seal_protect(seals[k], p, write_packet(k, seq, p));
}

static size_t with_sealcm(unsigned k, uint16_t seq, uint8_t *p) {
    return (size_t)sealcm_protect(sealcms[k], p, write_packet(k, seq, p));
}

static size_t with_sealcm_later(unsigned k, uint16_t seq, uint8_t *p) {
    static struct ctrmac_batch later;
    int n = sealcm_protect_later(sealcms[k], &later, p, write_packet(k, seq, p));
    if (later.n == UDP_BATCH)
        ctrmac_work(&later);
    return (size_t)n;
}

static size_t with_srtp(unsigned k, uint16_t seq, uint8_t *p) {
    int n = (int)write_packet(k, seq, p);
    return srtp_protect(srtps[k], p, &n) ? 0 : (size_t)n;
}

static void open_srtps(bool gcm, uint8_t master[30]) {
    srtp_policy_t policy = {.ssrc = {.type = ssrc_any_outbound}, .window_size = 1024, .key = master};
    for (unsigned k = 0; k < KEYS; k++) {
        if (gcm) {
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
        }
        if (!gcm) {
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
        }
        if (srtp_create(&srtps[k], &policy))
            abort();
    }
}

static void put_protection(struct json *all) {
    uint8_t master[30];
    double plain = step_ns(write_packet);
    memset(master, 7, sizeof master);
    json_set_real(all, "write", plain);
    for (int by = GCM_BEST; by <= GCM_BY_OPENSSL; by++) {
        gcm_use((enum gcm_by)by);
        for (unsigned k = 0; k < KEYS; k++)
            seals[k] = seal_open(master, master);
        json_set_real(all, by == GCM_BEST ? "gcm_best" : "gcm_openssl", step_ns(with_seal) - plain);
        for (unsigned k = 0; k < KEYS; k++)
            seal_close(seals[k]);
    }
    for (unsigned k = 0; k < KEYS; k++)
        sealcms[k] = sealcm_open(master, master);
    json_set_real(all, "cm_kept_keys", step_ns(with_sealcm) - plain);
    json_set_real(all, "cm_kept_keys_together", step_ns(with_sealcm_later) - plain);
    open_srtps(true, master);
    json_set_real(all, "gcm_libsrtp", step_ns(with_srtp) - plain);
    open_srtps(false, master);
    json_set_real(all, "cm_libsrtp", step_ns(with_srtp) - plain);
}

/* ---- the kernel ---- */

static void drain(struct udp *u) {
    struct udp_in in[UDP_BATCH];
    for (int i = 0; i < UDP_BATCH; i++)
        in[i] = (struct udp_in){.p = room[i], .cap = ROOM};
    while (udp_recv(u, in, UDP_BATCH) == UDP_BATCH)
        ;
}

/* Nanoseconds a datagram, sent in runs of so many to each receiver; nobody has to be woken. */
static double send_ns(struct udp *from, struct udp *to, unsigned run, size_t bytes) {
    struct udp_out v[RECEIVERS * RUN];
    double round[ROUNDS];
    for (unsigned i = 0; i < RECEIVERS * run; i++)
        v[i] = (struct udp_out){.p = lot + i * bytes, .n = bytes, .path.remote = to[i / run].local};
    for (int r = 0; r < ROUNDS; r++) {
        int64_t sum = 0;
        for (int k = 0; k < 100; k++) {
            int64_t at = cpu_ns();
            if (udp_send(from, v, RECEIVERS * run) != RECEIVERS * run)
                abort();
            sum += cpu_ns() - at;
            for (unsigned i = 0; i < RECEIVERS; i++)
                drain(&to[i]);
        }
        round[r] = (double)sum / 100 / (RECEIVERS * run);
    }
    qsort(round, ROUNDS, sizeof *round, by_size);
    return round[ROUNDS / 2];
}

static void put_sending(struct json *all) {
    static struct udp to[RECEIVERS];
    struct udp from;
    struct addr any;
    if (addr_parse(&any, STR("127.0.0.1"), 0) || udp_open(&from, &any))
        abort();
    for (unsigned i = 0; i < RECEIVERS; i++)
        if (udp_open(&to[i], &any))
            abort();
    json_set_real(all, "send_run_of_4", send_ns(&from, to, RUN, BYTES + 40));
    json_set_real(all, "send_sound", send_ns(&from, to, 1, 130));
    from.single = true;
    json_set_real(all, "send_one_by_one", send_ns(&from, to, RUN, BYTES + 40));
}

/* ---- one who joins ---- */

/* Carries what waits at `from`; what it costs `to` is added to *ns. */
static bool carry(struct dtls *from, struct dtls *to, int64_t *ns) {
    uint8_t datagram[DTLS_MTU];
    size_t n;
    bool any = false;
    while ((n = dtls_next_out(from, datagram, sizeof datagram))) {
        int64_t at = cpu_ns();
        dtls_feed(to, (struct bytes){datagram, n}, clock_mono_us());
        *ns += cpu_ns() - at;
        any = true;
    }
    return any;
}

static int64_t shake_ns(const uint8_t *fp) {
    struct dtls *server, *client;
    int64_t ns = 0, others = 0, at = cpu_ns();
    if (dtls_open(&server, DTLS_SERVER, fp, clock_mono_us()))
        abort();
    ns += cpu_ns() - at;
    if (dtls_open(&client, DTLS_CLIENT, fp, clock_mono_us()))
        abort();
    while (carry(client, server, &ns) | carry(server, client, &others))
        ;
    if (dtls_state(server) != DTLS_READY || dtls_state(client) != DTLS_READY)
        abort();
    at = cpu_ns();
    dtls_close(server);
    ns += cpu_ns() - at;
    dtls_close(client);
    return ns;
}

static void agree(EVP_PKEY *ours, EVP_PKEY *theirs) {
    uint8_t secret[32];
    size_t n = sizeof secret;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(ours, NULL);
    if (EVP_PKEY_derive_init(c) != 1 || EVP_PKEY_derive_set_peer(c, theirs) != 1 ||
        EVP_PKEY_derive(c, secret, &n) != 1)
        abort();
    EVP_PKEY_CTX_free(c);
}

/* What cannot be left out: a key pair and an agreement over X25519, a signature and a check of one over
 * P-256. */
static int64_t arithmetic_ns(EVP_PKEY *theirs, EVP_PKEY *signer, const uint8_t *digest) {
    uint8_t sig[80];
    size_t n = sizeof sig;
    int64_t at = cpu_ns();
    EVP_PKEY *ours = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    agree(ours, theirs);
    EVP_PKEY_free(ours);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(signer, NULL);
    if (EVP_PKEY_sign_init(c) != 1 || EVP_PKEY_sign(c, sig, &n, digest, DTLS_FP_BYTES) != 1 ||
        EVP_PKEY_verify_init(c) != 1 || EVP_PKEY_verify(c, sig, n, digest, DTLS_FP_BYTES) != 1)
        abort();
    EVP_PKEY_CTX_free(c);
    return cpu_ns() - at;
}

static void put_joining(struct json *all) {
    uint8_t fp[DTLS_FP_BYTES];
    char err[256];
    double shakes[ROUNDS], bare[ROUNDS];
    if (dtls_global_init(NULL, NULL, err))
        abort();
    dtls_fingerprint_bytes(fp);
    EVP_PKEY *theirs = EVP_PKEY_Q_keygen(NULL, NULL, "X25519"),
             *signer = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    for (int r = 0; r < ROUNDS; r++) {
        int64_t whole = 0, sums = 0;
        for (int i = 0; i < SHAKES; i++) {
            whole += shake_ns(fp);
            sums += arithmetic_ns(theirs, signer, fp);
        }
        shakes[r] = (double)whole / SHAKES;
        bare[r] = (double)sums / SHAKES;
    }
    EVP_PKEY_free(theirs);
    EVP_PKEY_free(signer);
    qsort(shakes, ROUNDS, sizeof *shakes, by_size);
    qsort(bare, ROUNDS, sizeof *bare, by_size);
    json_set_real(all, "handshake", shakes[ROUNDS / 2]);
    json_set_real(all, "handshake_arithmetic", bare[ROUNDS / 2]);
}

int main(void) {
    struct json *all = json_object();
    struct buf text;
    if (srtp_init())
        return 1;
    for (unsigned i = 0; i < BYTES; i++)
        payload[i] = (uint8_t)(i * 31);
    put_protection(all);
    put_sending(all);
    put_joining(all);
    buf_init(&text, 4096);
    json_write(all, &text);
    puts((char *)text.p);
    buf_fini(&text);
    json_free(all);
    return 0;
}
