/* dtls — a DTLS 1.2 association that yields SRTP keys (RFC 5764, RFC 8842). Hides OpenSSL. Sans-IO: datagrams
 * in, datagrams out, a deadline. Thread: owner's; dtls_global_init once before the threads. The caller feeds
 * only datagrams from an address ICE has proven (a stranger's ClientHello must not touch the session). Keys
 * are given out only after the peer's certificate matched the fingerprint of the signalling. Limits:
 * datagrams of DTLS_MTU bytes out, DTLS_OUT_MAX waiting; a peer's certificates of DTLS_CERTS_MAX bytes;
 * DTLS_HANDSHAKE_US to finish. No renegotiation, no tickets, no resumption. Memory: 60 kB while it shakes
 * hands, 0.6 kB from then on (settled.h). */
#ifndef DTLS_H
#define DTLS_H
#include "media/rtc/secure.h"

enum { DTLS_MTU = 1200, DTLS_FP_BYTES = 32, DTLS_FP_TEXT = 96, DTLS_OUT_MAX = 16, DTLS_CERTS_MAX = 16384 };
#define DTLS_HANDSHAKE_US INT64_C(30000000)

enum dtls_role { DTLS_SERVER, DTLS_CLIENT }; /* server = a=setup:passive */
enum dtls_state { DTLS_HANDSHAKE, DTLS_READY, DTLS_FAILED, DTLS_CLOSED };

struct dtls; /* opaque */

/* PEM paths of an ECDSA P-256 certificate and key, or both NULL: made afresh in memory. On failure a
 * sentence. */
int dtls_global_init(const char *cert_pem, const char *key_pem, char err[256]);
/* Offers only this SRTP profile from now on: for tests and the bench, a peer that knows no other. */
void dtls_global_profile(enum secure_profile only);
const char *dtls_fingerprint(void); /* ours, "AB:CD:…" of SHA-256, DTLS_FP_TEXT - 1 characters */
void dtls_fingerprint_bytes(uint8_t out[DTLS_FP_BYTES]); /* the same, raw */

/* remote_fp: SHA-256 of the peer's certificate. A client's first flight waits in dtls_next_out at once. */
int dtls_open(struct dtls **out, enum dtls_role role, const uint8_t remote_fp[DTLS_FP_BYTES], int64_t now_us);
void dtls_close(struct dtls *d); /* frees; NULL is fine. Sends nothing: see dtls_shutdown */
/* One datagram that came. Returns the state after it. */
enum dtls_state dtls_feed(struct dtls *d, struct bytes datagram, int64_t now_us);
/* Next datagram to send: its length, 0 when none. cap at least DTLS_MTU. */
size_t dtls_next_out(struct dtls *d, uint8_t *dst, size_t cap);
int64_t dtls_next_us(const struct dtls *d); /* INT64_MAX: no deadline */
enum dtls_state dtls_on_timer(struct dtls *d, int64_t now_us);
enum dtls_state dtls_state(const struct dtls *d);
/* Queue close_notify (then drain dtls_next_out once more). State becomes DTLS_CLOSED. */
void dtls_shutdown(struct dtls *d);
/* Only when DTLS_READY: what secure_open takes. -ERR_CONFLICT otherwise. */
int dtls_export_keys(const struct dtls *d, struct secure_keys *out);
/* Short word for why it failed ("fingerprint", "timeout", "alert", "profile", "protocol"); "" otherwise. */
const char *dtls_reason(const struct dtls *d);

#endif
