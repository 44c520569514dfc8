/* speaker — who of a room's audio tracks is speaking: the loudest few, ranked, steady. Pure; fed levels of
 * the RFC 6464 extension. Thread: owner's. Size ~3 kB a room. A track enters with its first loud packet,
 * stays SPEAKER_HOLD_US after the last, and is overtaken or displaced only by one SPEAKER_MARGIN_DB louder,
 * so nothing flaps; the dominant one is among the SPEAKER_HEARD whatever the others do. Silence is never
 * ranked: keep a slot on its last source until the ranking needs it. Limits: SPEAKER_TRACKS tracks; the
 * quietest idle one makes room. */
#ifndef SPEAKER_H
#define SPEAKER_H
#include <stdbool.h>
#include <stdint.h>

enum {
    SPEAKER_TRACKS = 64,
    SPEAKER_HEARD = 3,
    SPEAKER_RANKED = 4,        /* the fourth replaces oneself */
    SPEAKER_THRESHOLD_DB = 60, /* louder than -60 dBov counts (larger numbers are quieter) */
    SPEAKER_UNVOICED_DB = 40,  /* without the voice flag it must be this loud */
    SPEAKER_HOLD_US = 1200 * 1000,
    SPEAKER_MARGIN_DB = 6,            /* to take a place from somebody speaking */
    SPEAKER_DOMINANT_US = 160 * 1000, /* the new loudest must lead this long */
    SPEAKER_STALE_US = 100 * 1000,    /* no packet (DTX, loss) for this long: its loudness decays with time */
    SPEAKER_RANK_US = 20 * 1000,      /* speaker_on asks for a new ranking this often at most */
};

struct speaker_track {
    uint32_t id;               /* 0 = free */
    int64_t heard_us, loud_us; /* last packet; last loud packet */
    int64_t since_us;          /* of speaking: the first loud packet */
    int level_q4;              /* smoothed loudness: (127 - dBov) * 16 */
    bool speaking;
};
struct speaker {
    struct speaker_track track[SPEAKER_TRACKS];
    uint32_t rank[SPEAKER_RANKED]; /* track ids, loudest first within SPEAKER_MARGIN_DB; 0 = none */
    uint32_t dominant, rival;
    int64_t rival_since_us, ranked_us;
};

void speaker_init(struct speaker *s);
/* One audio packet of a track. A track without the extension is fed level_dbov 30, voice true by its owner.
 * True when something about the ranking may have changed: then call speaker_rank. */
bool speaker_on(struct speaker *s, uint32_t track, uint8_t level_dbov, bool voice, int64_t now_us);
void speaker_drop(struct speaker *s, uint32_t track);
/* When it began to speak; INT64_MIN when it does not. */
int64_t speaker_since_us(const struct speaker *s, uint32_t track);
/* Up to SPEAKER_RANKED ids into out, returns how many. *dominant (may be NULL) stays the last one who spoke,
 * 0 when nobody has. *changed (may be NULL): differs from the previous call. */
unsigned speaker_rank(struct speaker *s, int64_t now_us, uint32_t out[SPEAKER_RANKED], uint32_t *dominant,
                      bool *changed);
int64_t speaker_next_us(const struct speaker *s); /* when somebody's hold ends; INT64_MAX if nobody speaks */

#endif
