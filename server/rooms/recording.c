/* recording — whether the class is being recorded, as everybody in it can see. */
#include "server/rooms/parts.h"

int recording_record(struct decision *d) {
    const struct room *r = d->r;
    bool is_gap = !d->me && d->cmd->reason == REASON_GAP;
    if (is_gap && !r->recording)
        return decision_refuse(d, -ERR_CONFLICT, "Nothing is being recorded.");
    if (!is_gap && d->cmd->on == r->recording)
        return 0;
    if (d->cmd->on && r->cfg.record == RECORD_NEVER)
        return decision_refuse(d, -ERR_DENIED, "This event is never recorded.");
    if (d->cmd->on && r->life != LIFE_OPEN)
        return decision_refuse(d, -ERR_CONFLICT, "Open the event first.");
    struct event *e = decision_put(d, EV_RECORDING, "");
    e->on = is_gap || d->cmd->on;
    e->reason = is_gap ? REASON_GAP : REASON_NONE;
    return 0;
}

void recording_evolve(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    if (e->on && !r->recording)
        r->recording_ms = e->at_ms;
    r->recording = e->on;
    r->recorded = r->recorded || e->on;
}
