/* shake — handshake datagrams that wait for their turn. A signature takes as long as a hundred forwarded
 * packets, so the plane works off one a turn, after what it forwards has left: a hundred people coming in at
 * once make the newcomers wait and nobody else. Thread: the worker's. Ownership: it holds copies. Limits:
 * SHAKE_MAX datagrams, SHAKE_PEER_MAX of one peer, SHAKE_BYTES each; past that they are lost, as on a
 * network, and sent again. */
#ifndef SHAKE_H
#define SHAKE_H
#include "media/base/list.h"
#include "media/net/addr.h"

enum { SHAKE_MAX = 2048, SHAKE_PEER_MAX = 8, SHAKE_BYTES = 1500 };

struct shake {
    struct list waiting;
    unsigned n;
};
struct shake_datagram {
    struct list link;
    uint64_t peer;         /* by its id, for it may be gone when it is its turn */
    struct addr_path path; /* the way it came */
    size_t n;
    uint8_t p[];
};

void shake_init(struct shake *s);
void shake_fini(struct shake *s);
/* False: lost. */
bool shake_put(struct shake *s, uint64_t peer, struct bytes d, const struct addr_path *path);
/* The oldest, for the caller to mem_free; NULL. */
struct shake_datagram *shake_get(struct shake *s);

#endif
