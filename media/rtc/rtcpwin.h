/* rtcpwin — which SRTCP packets of one SSRC were seen (RFC 3711 3.3.2, a sliding window). Pure, inline. */
#ifndef RTCPWIN_H
#define RTCPWIN_H
#include <stdbool.h>
#include <stdint.h>

enum { RTCPWIN = 64 };

struct rtcpwin {
    uint64_t seen; /* bit i: the index i before the highest */
    uint32_t top;
    bool any;
};

/* False: seen before, or too far back to know. */
static inline bool rtcpwin_new(const struct rtcpwin *w, uint32_t index) {
    if (!w->any || index > w->top)
        return true;
    uint32_t back = w->top - index;
    return back < RTCPWIN && !(w->seen >> back & 1);
}

/* For one that is new and authenticated. */
static inline void rtcpwin_mark(struct rtcpwin *w, uint32_t index) {
    if (!w->any || index > w->top) {
        uint32_t ahead = w->any ? index - w->top : RTCPWIN;
        w->seen = ahead >= RTCPWIN ? 1 : w->seen << ahead | 1;
        w->top = index;
        w->any = true;
    } else {
        w->seen |= UINT64_C(1) << (w->top - index);
    }
}

#endif
