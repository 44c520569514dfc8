/* meter — how long packets and turns take in a media worker, and how much goes out together. how busy the
 * worker is. Only numbers:
 * added to by the worker's thread, handed over a few times a second (media_meter_get). */
#ifndef METER_H
#define METER_H
#include "media/base/hist.h"

struct meter {
    struct hist transit_us; /* of a packet sent: since the oldest of its batch was received, until the kernel
                               has it */
    struct hist turn_us;    /* of a turn of the loop, its sleep apart */
    struct hist batch;      /* datagrams handed to the kernel together */
    /* As of the last look (media/rtc/strain.h). */
    uint64_t busy_pm,
        strain;       /* processor time for packets in thousandths of a core; the level of what is left out */
    uint64_t rx_lost; /* datagrams the kernel had no room for */
    uint64_t looks;   /* so many looks were taken */
};

#endif
