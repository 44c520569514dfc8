#include "media/base/map.h"
#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/base/rnd.h"
#include <pthread.h>

enum { FIRST_CAP = 16 };

static uint64_t seed[2];
static char tomb; /* its address marks a slot whose entry was dropped */

static void seed_once(void) { rnd_bytes(seed, sizeof seed); }

static void seeded(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, seed_once);
}

/* Smallest power of two that keeps n entries under three quarters full. */
static size_t cap_for(size_t n) {
    size_t cap = FIRST_CAP;
    while (cap / 4 * 3 <= n)
        cap *= 2;
    return cap;
}

static bool live(const void *value) { return value && value != &tomb; }

/* ---- map ---- */

struct map_slot {
    uint64_t key;
    void *value; /* NULL: never used; &tomb: dropped */
};

/* Two rounds of a folded 64x64 multiplication with secret addends: cheap, and not invertible without the
 * seed. */
static uint64_t hash_u64(uint64_t key) {
    __uint128_t a = (__uint128_t)(key ^ seed[0]) * (seed[1] | 1);
    uint64_t x = (uint64_t)a ^ (uint64_t)(a >> 64);
    __uint128_t b = (__uint128_t)(x ^ seed[1]) * 0x9e3779b97f4a7c15u;
    return (uint64_t)b ^ (uint64_t)(b >> 64);
}

void map_init(struct map *m, size_t max) {
    seeded();
    *m = (struct map){.max = max};
}

void map_fini(struct map *m) {
    mem_free(m->slots);
    *m = (struct map){.max = m->max};
}

static struct map_slot *map_find(const struct map *m, uint64_t key) {
    if (!m->n)
        return NULL;
    for (size_t i = hash_u64(key);; i++) {
        struct map_slot *s = &m->slots[i & (m->cap - 1)];
        if (!s->value)
            return NULL;
        if (s->key == key && s->value != &tomb)
            return s;
    }
}

void *map_get(const struct map *m, uint64_t key) {
    struct map_slot *s = map_find(m, key);
    return s ? s->value : NULL;
}

static void map_insert(struct map *m, uint64_t key, void *value) {
    size_t i = hash_u64(key);
    while (live(m->slots[i & (m->cap - 1)].value))
        i++;
    struct map_slot *s = &m->slots[i & (m->cap - 1)];
    if (s->value)
        m->tombs--;
    *s = (struct map_slot){key, value};
    m->n++;
}

static void map_resize(struct map *m) {
    struct map_slot *old = m->slots;
    size_t old_cap = m->cap;
    m->cap = cap_for(m->n + 1);
    m->slots = mem_zalloc(m->cap * sizeof *m->slots);
    m->n = m->tombs = 0;
    for (size_t i = 0; i < old_cap; i++)
        if (live(old[i].value))
            map_insert(m, old[i].key, old[i].value);
    mem_free(old);
}

int map_put(struct map *m, uint64_t key, void *value) {
    if (!value)
        return -ERR_INVALID;
    struct map_slot *s = map_find(m, key);
    if (s) {
        s->value = value;
        return 0;
    }
    if (m->n >= m->max)
        return -ERR_FULL;
    if (m->n + m->tombs + 1 > m->cap / 4 * 3)
        map_resize(m);
    map_insert(m, key, value);
    return 0;
}

void *map_drop(struct map *m, uint64_t key) {
    struct map_slot *s = map_find(m, key);
    if (!s)
        return NULL;
    void *value = s->value;
    s->value = &tomb;
    m->n--;
    m->tombs++;
    return value;
}

void *map_next(const struct map *m, size_t *it, uint64_t *key) {
    while (*it < m->cap) {
        struct map_slot *s = &m->slots[(*it)++];
        if (live(s->value)) {
            if (key)
                *key = s->key;
            return s->value;
        }
    }
    return NULL;
}

/* ---- smap ---- */

struct smap_slot {
    void *value;
    uint8_t n;
    char key[SMAP_KEY_MAX];
};

static uint64_t rotl(uint64_t x, int b) { return x << b | x >> (64 - b); }

static void sip_round(uint64_t v[4]) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] = rotl(v[0], 32) + v[3];
    v[2] += v[1];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

/* SipHash-1-3 (Aumasson and Bernstein), the keyed hash made for tables that strangers can put names into. */
static uint64_t hash_str(struct str s) {
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du,
                     seed[0] ^ 0x6c7967656e657261u, seed[1] ^ 0x7465646279746573u};
    size_t i = 0;
    uint64_t word;
    for (; i + 8 <= s.n; i += 8) {
        memcpy(&word, s.p + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = (uint64_t)s.n << 56;
    for (unsigned shift = 0; i < s.n; i++, shift += 8)
        word |= (uint64_t)(uint8_t)s.p[i] << shift;
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    for (int k = 0; k < 3; k++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct str key_of(const struct smap_slot *s) { return (struct str){s->key, s->n}; }

void smap_init(struct smap *m, size_t max) {
    seeded();
    *m = (struct smap){.max = max};
}

void smap_fini(struct smap *m) {
    mem_free(m->slots);
    *m = (struct smap){.max = m->max};
}

static struct smap_slot *smap_find(const struct smap *m, struct str key) {
    if (!m->n || key.n > SMAP_KEY_MAX)
        return NULL;
    for (size_t i = hash_str(key);; i++) {
        struct smap_slot *s = &m->slots[i & (m->cap - 1)];
        if (!s->value)
            return NULL;
        if (s->value != &tomb && str_eq(key_of(s), key))
            return s;
    }
}

void *smap_get(const struct smap *m, struct str key) {
    struct smap_slot *s = smap_find(m, key);
    return s ? s->value : NULL;
}

static void smap_insert(struct smap *m, struct str key, void *value) {
    size_t i = hash_str(key);
    while (live(m->slots[i & (m->cap - 1)].value))
        i++;
    struct smap_slot *s = &m->slots[i & (m->cap - 1)];
    if (s->value)
        m->tombs--;
    s->value = value;
    s->n = (uint8_t)key.n;
    if (key.n)
        memcpy(s->key, key.p, key.n);
    m->n++;
}

static void smap_resize(struct smap *m) {
    struct smap_slot *old = m->slots;
    size_t old_cap = m->cap;
    m->cap = cap_for(m->n + 1);
    m->slots = mem_zalloc(m->cap * sizeof *m->slots);
    m->n = m->tombs = 0;
    for (size_t i = 0; i < old_cap; i++)
        if (live(old[i].value))
            smap_insert(m, key_of(&old[i]), old[i].value);
    mem_free(old);
}

int smap_put(struct smap *m, struct str key, void *value) {
    if (!value)
        return -ERR_INVALID;
    if (key.n > SMAP_KEY_MAX)
        return -ERR_TOO_LARGE;
    struct smap_slot *s = smap_find(m, key);
    if (s) {
        s->value = value;
        return 0;
    }
    if (m->n >= m->max)
        return -ERR_FULL;
    if (m->n + m->tombs + 1 > m->cap / 4 * 3)
        smap_resize(m);
    smap_insert(m, key, value);
    return 0;
}

void *smap_drop(struct smap *m, struct str key) {
    struct smap_slot *s = smap_find(m, key);
    if (!s)
        return NULL;
    void *value = s->value;
    s->value = &tomb;
    m->n--;
    m->tombs++;
    return value;
}

void *smap_next(const struct smap *m, size_t *it, struct str *key) {
    while (*it < m->cap) {
        struct smap_slot *s = &m->slots[(*it)++];
        if (live(s->value)) {
            if (key)
                *key = key_of(s);
            return s->value;
        }
    }
    return NULL;
}
