/* password — argon2id hashes of passwords (libsodium's string form, parameters inside). Costs
 * PASSWORD_MEM_BYTES and some 25 ms a call, so they run at the door only (server/http/pool.h). Thread: any.
 */
#ifndef PASSWORD_H
#define PASSWORD_H
#include "media/base/str.h"

enum {
    PASSWORD_MIN_CHARS = 8,
    PASSWORD_MAX_BYTES = 256, /* longer ones are refused, not cut */
    PASSWORD_HASH_MAX = 127,  /* crypto_pwhash_STRBYTES - 1 */
    PASSWORD_MADE_CHARS = 12, /* of one the server makes: 60 bits */
    /* OWASP Password Storage Cheat Sheet: "Use Argon2id with a minimum configuration of 19 MiB of memory, an
     * iteration count of 2, and 1 degree of parallelism." */
    PASSWORD_MEM_BYTES = 19 << 20,
    PASSWORD_PASSES = 2
};

bool password_ok(struct str password); /* long enough, not too long, UTF-8 */
int password_hash(char dst[PASSWORD_HASH_MAX + 1],
                  struct str password); /* -ERR_INVALID, -ERR_BUSY (no memory) */
/* hash NULL: nobody's; takes as long and answers false, so that timing does not tell which accounts exist. */
bool password_check(const char *hash, struct str password);
void password_make(char dst[PASSWORD_MADE_CHARS + 1]);

#endif
