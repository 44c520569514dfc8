/* gcm — AES-128-GCM sealing and unsealing with one key and many nonces (NIST SP 800-38D), and the bare block
 * cipher for key derivation. Hides who does it: intel-ipsec-mb where the processor has what it takes, else
 * OpenSSL. A context is made once and reused: sealing allocates nothing, and its
 * key lies in it, so that whoever embeds contexts knows what memory a packet will touch. Thread: owner's. The
 * caller never seals two different texts under one nonce. */
#ifndef GCM_H
#define GCM_H
#include "media/base/str.h"

enum { GCM_KEY_BYTES = 16, GCM_NONCE_BYTES = 12, GCM_TAG_BYTES = 16, GCM_SCHEDULE_BYTES = 1024 };
/* Which of the schedule a text of up to 128 bytes needs, for those who fetch memory ahead: the round keys at
 * its beginning, the lowest powers of the hash key at its end. */
enum { GCM_ROUNDS_BYTES = 192, GCM_POWERS_AT = 832 };
enum gcm_by { GCM_BEST, GCM_BY_OPENSSL };

struct gcm {   /* private to gcm.c but for the salt; visible so that it can be embedded */
    void *evp; /* NULL: the key below is intel-ipsec-mb's */
    /* The owner's: what his nonces are made of. Whoever needs the one needs the other, and this line of
     * memory is fetched anyway. */
    uint8_t salt[GCM_NONCE_BYTES];
    _Alignas(64) uint8_t key[GCM_SCHEDULE_BYTES]; /* AES round keys, powers of the hash key */
};

void gcm_init(struct gcm *g, const uint8_t key[GCM_KEY_BYTES]);
void gcm_fini(struct gcm *g); /* the key is wiped */
/* Who is to work for contexts opened from now on; before threads. The tests compare both. */
void gcm_use(enum gcm_by by);
/* Encrypts text in place and writes the tag, which covers `aad` as well. */
void gcm_seal(struct gcm *g, const uint8_t nonce[GCM_NONCE_BYTES], struct bytes aad, uint8_t *text, size_t n,
              uint8_t tag[GCM_TAG_BYTES]);
/* Decrypts text in place. False: the tag is wrong, and the text is undefined. */
bool gcm_unseal(struct gcm *g, const uint8_t nonce[GCM_NONCE_BYTES], struct bytes aad, uint8_t *text,
                size_t n, const uint8_t tag[GCM_TAG_BYTES]);
/* One AES block. */
void gcm_block(const uint8_t key[GCM_KEY_BYTES], const uint8_t in[16], uint8_t out[16]);

#endif
