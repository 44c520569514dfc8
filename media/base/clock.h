/* clock — the two clocks. Read once per loop turn and pass on as now_us. Thread: any. */
#ifndef CLOCK_H
#define CLOCK_H
#include <stdint.h>

int64_t clock_mono_us(void);   /* monotonic, for intervals and deadlines */
int64_t clock_thread_us(void); /* processor time of the calling thread; a system call */
int64_t clock_wall_ms(void);   /* Unix time, for facts and logs only */

#endif
