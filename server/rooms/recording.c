/* recording — whether the class is being recorded, as everybody in it can see. */
#include "server/rooms/parts.h"

/* What the recorder tells. After `failed` only its word that it writes counts, and is a gap to the room. */
static int told(struct decision *d) {
    const struct room *r = d->r;
    enum reason reason = d->cmd->reason;
    if (!r->recording)
        return decision_refuse(d, -ERR_CONFLICT, "Nothing is being recorded.");
    if (r->recording_fails)
        reason = reason == REASON_NONE ? REASON_GAP : REASON_NONE;
    if (reason == REASON_NONE)
        return 0;
    struct event *e = decision_put(d, EV_RECORDING, "");
    e->on = true;
    e->reason = reason;
    return 0;
}

int recording_record(struct decision *d) {
    const struct room *r = d->r;
    if (!d->me && d->cmd->on)
        return told(d);
    if (d->cmd->on == r->recording)
        return 0;
    if (d->cmd->on && r->cfg.record == RECORD_NEVER)
        return decision_refuse(d, -ERR_DENIED, "This event is never recorded.");
    if (d->cmd->on && r->life != LIFE_OPEN)
        return decision_refuse(d, -ERR_CONFLICT, "Open the event first.");
    struct event *e = decision_put(d, EV_RECORDING, "");
    e->on = d->cmd->on;
    return 0;
}

void recording_evolve(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    if (e->on && !r->recording)
        r->recording_ms = e->at_ms;
    r->recording = e->on;
    r->recording_fails = e->on && e->reason == REASON_FAILED;
    r->recorded = r->recorded || e->on;
}
