/* strain — whether a worker still keeps up, and what it leaves out while it does not: first the larger layers
 * of cameras, then the picture of one viewer in four after another, sound never. Pure: the owner tells how
 * much processor time went and what the kernel had to throw away. Thread: the worker's.
 *
 *   level 0  nothing        1  cameras up to 360 lines        2  the smallest layer
 *   3..6     and a quarter .. all of the viewers have sound alone
 */
#ifndef STRAIN_H
#define STRAIN_H
#include <stdbool.h>
#include <stdint.h>

enum {
    STRAIN_LOOK_US = 500 * 1000,      /* a look covers at least so long */
    STRAIN_RISE_PM = 930,             /* busier than this: one level more */
    STRAIN_FALL_PM = 750,             /* less busy than this for the calm: one level less */
    STRAIN_STEP_US = 1000 * 1000,     /* after a rise; by then every view has chosen anew (STEER_CALM_US) */
    STRAIN_CALM_US = 5 * 1000 * 1000, /* doubled by each fall that was in vain */
    STRAIN_CALM_MAX_US = 60 * 1000 * 1000,
    STRAIN_VAIN_US = 10 * 1000 * 1000, /* a fall was in vain when a rise follows so soon */
    STRAIN_QUARTERS = 3,               /* the level from which viewers go without a picture */
    STRAIN_MAX = 6,
};

struct strain {
    unsigned level;
    unsigned busy_pm; /* of the last look: processor time for packets, in thousandths of a core */
    uint32_t looks;
    /* private */
    int64_t at_us, rose_us, fell_us, calm_since_us, calm_us;
    uint64_t cpu_us, lost;
    bool lossy; /* the look before saw losses too */
};

/* Totals since the start: processor time spent on packets (handshakes apart, they pass), datagrams the kernel
 * had no room for. True: the level changed. The first call begins. */
bool strain_look(struct strain *s, uint64_t cpu_us, uint64_t lost, int64_t now_us);
/* The tallest camera picture worth sending; UINT16_MAX: any. */
uint16_t strain_height(unsigned level);
/* Does this viewer go without pictures? */
bool strain_spares(unsigned level, uint64_t peer);

#endif
