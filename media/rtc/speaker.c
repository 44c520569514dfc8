#include "media/rtc/speaker.h"
#include <string.h>

/* Loudness is kept in sixteenths of a dB above digital silence. */
enum {
    Q = 16,
    ATTACK = 2,           /* each packet closes 1/2 of the way up: 3 packets (60 ms) to 88 % */
    DECAY = 16,           /* and 1/16 of the way down: about 0.3 s */
    STALE_DB_PER_S = 100, /* without packets */
};

void speaker_init(struct speaker *s) { memset(s, 0, sizeof *s); }

static struct speaker_track *find(struct speaker *s, uint32_t id) {
    for (unsigned i = 0; i < SPEAKER_TRACKS; i++)
        if (s->track[i].id == id)
            return &s->track[i];
    return NULL;
}

int64_t speaker_since_us(const struct speaker *s, uint32_t id) {
    for (unsigned i = 0; i < SPEAKER_TRACKS; i++)
        if (s->track[i].id == id && s->track[i].speaking)
            return s->track[i].since_us;
    return INT64_MIN;
}

static int loudness(const struct speaker_track *t, int64_t now_us) {
    int64_t silent_us = now_us - t->heard_us - SPEAKER_STALE_US;
    if (silent_us <= 0)
        return t->level_q4;
    int64_t fall = silent_us * STALE_DB_PER_S * Q / 1000000;
    return fall < t->level_q4 ? t->level_q4 - (int)fall : 0;
}

/* A free place, or the quietest that is not speaking. NULL when all of them speak. */
static struct speaker_track *place(struct speaker *s, int64_t now_us) {
    struct speaker_track *best = find(s, 0);
    if (best)
        return best;
    for (unsigned i = 0; i < SPEAKER_TRACKS; i++) {
        struct speaker_track *t = &s->track[i];
        if (!t->speaking && (!best || loudness(t, now_us) < loudness(best, now_us)))
            best = t;
    }
    return best;
}

static bool is_loud(uint8_t level_dbov, bool voice) {
    return level_dbov < (voice ? SPEAKER_THRESHOLD_DB : SPEAKER_UNVOICED_DB);
}

bool speaker_on(struct speaker *s, uint32_t track, uint8_t level_dbov, bool voice, int64_t now_us) {
    struct speaker_track *t = find(s, track);
    if (!track || (!t && !(t = place(s, now_us))))
        return false;
    if (t->id != track)
        *t = (struct speaker_track){.id = track};
    int now_q4 = (127 - (level_dbov & 127)) * Q, old_q4 = loudness(t, now_us);
    t->level_q4 = old_q4 + (now_q4 - old_q4) / (now_q4 > old_q4 ? ATTACK : DECAY);
    t->heard_us = now_us;
    bool starts = false;
    if (is_loud(level_dbov, voice)) {
        starts = !t->speaking;
        if (starts)
            t->since_us = now_us;
        t->speaking = true;
        t->loud_us = now_us;
    }
    return starts || now_us - s->ranked_us >= SPEAKER_RANK_US;
}

static void unrank(struct speaker *s, uint32_t id) {
    unsigned k = 0;
    for (unsigned i = 0; i < SPEAKER_RANKED; i++)
        if (s->rank[i] && s->rank[i] != id)
            s->rank[k++] = s->rank[i];
    while (k < SPEAKER_RANKED)
        s->rank[k++] = 0;
}

void speaker_drop(struct speaker *s, uint32_t track) {
    struct speaker_track *t = track ? find(s, track) : NULL;
    if (!t)
        return;
    memset(t, 0, sizeof *t);
    unrank(s, track);
    if (s->dominant == track)
        s->dominant = 0;
}

static void expire(struct speaker *s, int64_t now_us) {
    for (unsigned i = 0; i < SPEAKER_TRACKS; i++) {
        struct speaker_track *t = &s->track[i];
        if (t->speaking && now_us - t->loud_us >= SPEAKER_HOLD_US) {
            t->speaking = false;
            unrank(s, t->id);
        }
    }
}

static int loudness_of(struct speaker *s, uint32_t id, int64_t now_us) {
    const struct speaker_track *t = find(s, id);
    return t ? loudness(t, now_us) : 0;
}

static bool is_ranked(const struct speaker *s, uint32_t id) {
    for (unsigned i = 0; i < SPEAKER_RANKED; i++)
        if (s->rank[i] == id)
            return true;
    return false;
}

/* Whose place may be taken: the last one's, but never the dominant speaker's. */
static unsigned last_place(const struct speaker *s) {
    return SPEAKER_RANKED - 1 - (s->rank[SPEAKER_RANKED - 1] == s->dominant);
}

/* Speakers without a place take a free one, or that of the last in rank when clearly louder. */
static void admit(struct speaker *s, int64_t now_us) {
    for (unsigned i = 0; i < SPEAKER_TRACKS; i++) {
        const struct speaker_track *t = &s->track[i];
        if (!t->speaking || is_ranked(s, t->id))
            continue;
        unsigned k = 0;
        while (k < SPEAKER_RANKED && s->rank[k])
            k++;
        if (k < SPEAKER_RANKED)
            s->rank[k] = t->id;
        else if (loudness(t, now_us) > loudness_of(s, s->rank[last_place(s)], now_us) + SPEAKER_MARGIN_DB * Q)
            s->rank[last_place(s)] = t->id;
    }
}

/* One rank up for whoever is clearly louder than the one before, from the end, so the loudest may rise all
 * the way. */
static void order(struct speaker *s, int64_t now_us) {
    int level[SPEAKER_RANKED];
    for (unsigned i = 0; i < SPEAKER_RANKED; i++)
        level[i] = s->rank[i] ? loudness_of(s, s->rank[i], now_us) : -SPEAKER_MARGIN_DB * Q;
    for (unsigned i = SPEAKER_RANKED - 1; i > 0; i--) {
        if (level[i] <= level[i - 1] + SPEAKER_MARGIN_DB * Q)
            continue;
        uint32_t id = s->rank[i];
        int l = level[i];
        s->rank[i] = s->rank[i - 1];
        level[i] = level[i - 1];
        s->rank[i - 1] = id;
        level[i - 1] = l;
    }
}

/* Who has the floor is heard until somebody else has it, however loud the others get meanwhile. */
static void keep_dominant_in(struct speaker *s) {
    for (unsigned i = SPEAKER_HEARD; i < SPEAKER_RANKED; i++) {
        if (!s->rank[i] || s->rank[i] != s->dominant)
            continue;
        s->rank[i] = s->rank[SPEAKER_HEARD - 1];
        s->rank[SPEAKER_HEARD - 1] = s->dominant;
    }
}

static void choose_dominant(struct speaker *s, int64_t now_us) {
    uint32_t first = s->rank[0];
    if (!first || first == s->dominant) {
        s->rival = 0;
        return;
    }
    const struct speaker_track *d = s->dominant ? find(s, s->dominant) : NULL;
    if (s->rival != first) {
        s->rival = first;
        s->rival_since_us = now_us;
    }
    if (!d || !d->speaking || now_us - s->rival_since_us >= SPEAKER_DOMINANT_US) {
        s->dominant = first;
        s->rival = 0;
    }
}

unsigned speaker_rank(struct speaker *s, int64_t now_us, uint32_t out[SPEAKER_RANKED], uint32_t *dominant,
                      bool *changed) {
    uint32_t before[SPEAKER_RANKED], dominant_before = s->dominant;
    memcpy(before, s->rank, sizeof before);
    expire(s, now_us);
    admit(s, now_us);
    order(s, now_us);
    choose_dominant(s, now_us);
    keep_dominant_in(s);
    s->ranked_us = now_us;
    memcpy(out, s->rank, sizeof s->rank);
    if (dominant)
        *dominant = s->dominant;
    if (changed)
        *changed = memcmp(before, s->rank, sizeof before) || dominant_before != s->dominant;
    unsigned n = 0;
    while (n < SPEAKER_RANKED && out[n])
        n++;
    return n;
}

int64_t speaker_next_us(const struct speaker *s) {
    int64_t next = s->rival ? s->rival_since_us + SPEAKER_DOMINANT_US : INT64_MAX;
    for (unsigned i = 0; i < SPEAKER_TRACKS; i++) {
        const struct speaker_track *t = &s->track[i];
        if (t->speaking && t->loud_us + SPEAKER_HOLD_US < next)
            next = t->loud_us + SPEAKER_HOLD_US;
    }
    return next;
}
