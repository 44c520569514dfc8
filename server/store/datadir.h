/* datadir — the layout of the server's directory: DATA/somhub.db, DATA/secret.key, DATA/lock, DATA/rec/<id>/.
 * Thread: any. Ownership: datadir_close. Messages are whole English sentences for the administrator. */
#ifndef DATADIR_H
#define DATADIR_H
#include "media/base/str.h"

enum { DATADIR_PATH_MAX = 512, DATADIR_KEY_BYTES = 32, DATADIR_SENTENCE_MAX = 512 };

struct datadir {
    char path[DATADIR_PATH_MAX + 1]; /* as given */
    char db[DATADIR_PATH_MAX + 32];
    uint8_t key[DATADIR_KEY_BYTES];
    int lock_fd; /* -1 unless opened exclusively */
    bool fresh;  /* there is nothing in the database yet */
};

/* Makes what is missing (0700; the key 0600). exclusive: the serving process; a second one is refused.
 * -ERR_INVALID (path), -ERR_CONFLICT (another server has it), -ERR_IO; `sentence` says why. */
int datadir_open(struct datadir *out, const char *path, bool exclusive, char sentence[DATADIR_SENTENCE_MAX]);
void datadir_close(struct datadir *d);
/* DATA/rec/<room> of the data directory at that path; -ERR_INVALID for an id that is not a plain name. */
int datadir_rec(const char *data, const char *room, char dst[DATADIR_PATH_MAX + 64]);

#endif
