#include "media/base/clock.h"
#include "media/base/log.h"
#include "server/app/parts.h"

void later_put(struct app *a, void (*run)(struct app *a, const char *room), const char *room) {
    for (size_t i = a->later_at; i < a->later_n; i++)
        if (a->later[i].run == run && !strcmp(a->later[i].room, room))
            return;                    /* is going to be done */
    if (a->later_n == APP_LATER_MAX) { /* more rooms than can be live: cannot be */
        LOG_ERROR("too much waits for the next turn room=%s", room);
        return;
    }
    struct later *l = &a->later[a->later_n++];
    l->run = run;
    STR_COPY(l->room, str_of(room));
}

void later_run(struct app *a) {
    /* What waits may be asked of a room, and the loop has slept since the turn before. */
    if (a->later_at < a->later_n && a->hub)
        hub_clock(a->hub, clock_mono_us(), clock_wall_ms());
    while (a->later_at < a->later_n) { /* what these add runs in this turn too */
        struct later l = a->later[a->later_at++];
        l.run(a, l.room);
    }
    a->later_at = a->later_n = 0;
}
