#include "server/catalogue/agenda.h"

#include "media/base/err.h"

int agenda_event(const struct agenda *g, const struct meeting *m, const char *code, struct arena *a,
                 struct ics_event *out) {
    int64_t starts = m->starts_at ? m->starts_at : m->created_at;
    const char *url =
        code[0] ? arena_printf(a, "%s/r/%s", g->url, code) : arena_printf(a, "%s/e/%s", g->url, m->id);
    const char *text =
        url ? arena_printf(a, "%s%s%s", m->description, m->description[0] ? "\n\n" : "", url) : NULL;
    if (!url || !text)
        return -ERR_FULL;
    *out = (struct ics_event){.uid = m->id,
                              .title = m->title,
                              .text = text,
                              .url = url,
                              .zone = m->zone[0] ? m->zone : g->zone,
                              .starts_ms = starts,
                              .ends_ms = starts + m->duration_min * 60000,
                              .stamp_ms = m->changed_at ? m->changed_at : m->created_at,
                              .sequence = m->sequence,
                              .cancelled = m->cancelled_at != 0,
                              .organizer = m->host_name,
                              .organizer_mail = g->mail};
    return 0;
}
