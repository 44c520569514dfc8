#include "media/rtc/strain.h"

static void begin(struct strain *s, int64_t now_us) {
    s->calm_us = STRAIN_CALM_US;
    s->rose_us = s->fell_us = INT64_MIN / 2;
    s->calm_since_us = now_us;
}

static bool rise(struct strain *s, int64_t now_us) {
    s->calm_since_us = now_us;
    if (s->level == STRAIN_MAX || now_us - s->rose_us < STRAIN_STEP_US)
        return false;
    if (now_us - s->fell_us < STRAIN_VAIN_US)
        s->calm_us = s->calm_us * 2 < STRAIN_CALM_MAX_US ? s->calm_us * 2 : STRAIN_CALM_MAX_US;
    s->rose_us = now_us;
    s->level++;
    return true;
}

static bool fall(struct strain *s, int64_t now_us) {
    if (!s->level || now_us - s->calm_since_us < s->calm_us)
        return false;
    if (now_us - s->rose_us > 2 * STRAIN_CALM_MAX_US)
        s->calm_us = STRAIN_CALM_US; /* the trouble is long over */
    s->fell_us = s->calm_since_us = now_us;
    s->level--;
    return true;
}

bool strain_look(struct strain *s, uint64_t cpu_us, uint64_t lost, int64_t now_us) {
    int64_t us = now_us - s->at_us;
    if (s->at_us && us < STRAIN_LOOK_US)
        return false;
    bool first = !s->at_us, lossy = lost > s->lost && !first, over;
    if (first)
        begin(s, now_us);
    else
        s->busy_pm = (unsigned)((cpu_us - s->cpu_us) * 1000 / (uint64_t)us);
    /* One full buffer is a hiccup of the machine; two in a row are not. */
    over = s->busy_pm > STRAIN_RISE_PM || (lossy && s->lossy);
    s->at_us = now_us;
    s->cpu_us = cpu_us;
    s->lost = lost;
    s->lossy = lossy;
    s->looks++;
    if (over)
        return rise(s, now_us);
    if (s->busy_pm > STRAIN_FALL_PM || lossy)
        s->calm_since_us = now_us;
    return fall(s, now_us);
}

uint16_t strain_height(unsigned level) { return level == 0 ? UINT16_MAX : level == 1 ? 360 : 180; }

bool strain_spares(unsigned level, uint64_t peer) {
    return level >= STRAIN_QUARTERS && peer % 4 <= level - STRAIN_QUARTERS;
}
