/* ctrmac_mb — what ctrmac does for many packets at once, by intel-ipsec-mb. Where the library or the
 * processor's AES is missing, ctrmac_mb_ready says no and nothing else may be called. A manager is one
 * thread's; the rest is made once and only read. */
#ifndef CTRMAC_MB_H
#define CTRMAC_MB_H
#include "media/base/ctrmac.h"

enum { CTRMAC_MB_SCHEDULE = 11 * 16, CTRMAC_MB_WORDS = 5 };

struct ctrmac_mb_keys {
    _Alignas(16) uint8_t cipher[CTRMAC_MB_SCHEDULE];
    /* What SHA-1 has come to after the key's block (RFC 2104 4), as words. */
    _Alignas(16) uint32_t inner[CTRMAC_MB_WORDS];
    _Alignas(16) uint32_t outer[CTRMAC_MB_WORDS];
};

bool ctrmac_mb_ready(void);
void ctrmac_mb_expand(const uint8_t key[CTRMAC_CIPHER_BYTES], uint8_t schedule[CTRMAC_MB_SCHEDULE]);
void *ctrmac_mb_open(void);
void ctrmac_mb_close(void *mb); /* NULL is fine */
/* keys[i] are job[i].with's. At most CTRMAC_BATCH. */
void ctrmac_mb_work(void *mb, const struct ctrmac_job *job, const struct ctrmac_mb_keys *const *keys,
                    unsigned n);

#endif
