/* endpoint_rx — what an endpoint notes of what it receives: by line of sound, and of all headers. Plain
 * values within struct endpoint (tests/sim/endpoint.h). Thread: owner's. */
#ifndef ENDPOINT_RX_H
#define ENDPOINT_RX_H
#include <stdint.h>

enum { ENDPOINT_SOUNDS = 4096 }; /* remembered, 20 ms each */

struct endpoint_ear { /* what was heard on a line of sound */
    uint32_t heard, repeated, red,
        silences;                      /* sounds; twice the same; packets with redundancy; without sound */
    int64_t heard_us[ENDPOINT_SOUNDS]; /* by number of the source's sound, since last_source changed */
    uint32_t last_source;
    uint64_t first_seq, expected_prior, received_prior;
};
struct endpoint_heads { /* of a viewer: what the header extensions of its packets said */
    uint32_t packets, mids, times, wides, levels; /* each: right ones, under the ids it offered */
    uint32_t jumps;                               /* transport-wide numbers that did not follow */
    uint32_t bad; /* missing, of another content, or under an id it did not offer */
    uint16_t wide;
    int64_t youngest_us, oldest_us; /* by the time of sending */
};

#endif
