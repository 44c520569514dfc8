/* ctrmac — AES-128 in counter mode and HMAC-SHA1 under kept keys: both key schedules are made once, a packet
 * costs its octets. Packets of many keys that leave together are worked on together (a batch): sixteen
 * digests side by side take little longer than one. Hides OpenSSL and intel-ipsec-mb. Working allocates
 * nothing but a batch's manager, once. Thread: owner's. Heap: about 1.3 kB; a batch's manager is larger.
 * Limits: CTRMAC_BATCH packets a batch. */
#ifndef CTRMAC_H
#define CTRMAC_H
#include "media/base/hmac.h"

enum {
    CTRMAC_CIPHER_BYTES = 16,
    CTRMAC_AUTH_BYTES = 20,
    CTRMAC_IV_BYTES = 16,
    CTRMAC_WORD_BYTES = 4, /* RFC 3711 4.2: what is digested behind a packet */
    CTRMAC_TAG_BYTES = 10, /* RFC 3711 5.2: "n_tag = 80" bits */
    CTRMAC_BATCH = 64,
};

struct ctrmac; /* opaque */

struct ctrmac *ctrmac_open(const uint8_t cipher_key[CTRMAC_CIPHER_BYTES],
                           const uint8_t auth_key[CTRMAC_AUTH_BYTES]);
void ctrmac_close(struct ctrmac *m); /* NULL is fine; keys are wiped */
/* Encrypts (or decrypts: it is the same) text in place, the counter beginning at iv. */
void ctrmac_crypt(struct ctrmac *m, const uint8_t iv[CTRMAC_IV_BYTES], uint8_t *text, size_t n);
/* Over a, then b. */
void ctrmac_tag(const struct ctrmac *m, struct bytes a, struct bytes b, uint8_t tag[HMAC_SHA1_BYTES]);

/* Encrypts pkt[head..n), digests pkt[0..n) and the word that stands behind it, and writes the tag over the
 * word: the caller has room for it. `with` and pkt stay where they are until then. */
struct ctrmac_job {
    struct ctrmac *with;
    uint8_t *pkt;
    size_t head, n;
    uint8_t iv[CTRMAC_IV_BYTES];
};
/* All zero: empty. */
struct ctrmac_batch {
    unsigned n;
    bool plain; /* there is no manager to be had */
    void *mb;
    struct ctrmac_job job[CTRMAC_BATCH];
};
void ctrmac_put(struct ctrmac_batch *b, const struct ctrmac_job *j); /* works them off when it is full */
void ctrmac_work(struct ctrmac_batch *b);                            /* until now they are not sealed */
void ctrmac_batch_fini(struct ctrmac_batch *b);

#endif
