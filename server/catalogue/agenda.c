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

/* ---- a pass ---- */

struct rhythm {
    char rule[RECUR_TEXT_MAX + 1];
    int64_t at_s[RECUR_TIMES_MAX]; /* the moments of it */
    size_t n;
    size_t of[PASS_DATES_MAX]; /* which moment stands for the date; n: none yet */
    size_t hits;
};

/* Where the zone's clock shows it first: of an hour that comes twice a rule names the first. */
static int64_t slot_s(const struct pass *p, size_t i) {
    return zone_moment_s(p->series.zone, zone_wall_s(p->series.zone, p->v[i].slot_at / 1000));
}

/* As many moments of the rule as reach the last date, and no fewer than there are dates. */
static void beat(struct rhythm *out, const struct recur *rule, const struct pass *p) {
    struct recur own = *rule;
    int64_t first_s = slot_s(p, 0), last_s = slot_s(p, p->n - 1);
    own.count = RECUR_TIMES_MAX;
    own.until = (struct zone_date){0, 0, 0};
    size_t n = recur_times(&own, p->series.zone, first_s, out->at_s, RECUR_TIMES_MAX);
    while (n > p->n && out->at_s[n - 1] > last_s)
        n--;
    out->n = n >= p->n && out->at_s[0] == first_s ? n : 0;
    own.count = (int)out->n;
    recur_write(&own, out->rule);
    out->hits = 0;
    for (size_t i = 0, k = 0; i < p->n; i++) {
        int64_t at_s = slot_s(p, i);
        while (k < out->n && out->at_s[k] < at_s)
            k++;
        bool hit = k < out->n && out->at_s[k] == at_s;
        out->of[i] = hit ? k++ : out->n;
        out->hits += hit;
    }
}

/* Dates that are no moment of it stand for the first ones that are free. */
static void fill(struct rhythm *r, size_t n) {
    bool taken[RECUR_TIMES_MAX] = {false};
    for (size_t i = 0; i < n; i++)
        if (r->of[i] < r->n)
            taken[r->of[i]] = true;
    for (size_t i = 0, k = 0; i < n; i++) {
        if (r->of[i] < r->n)
            continue;
        while (taken[k])
            k++;
        r->of[i] = k;
        taken[k] = true;
    }
}

/* The series' rule; where all went to other days of the week, the rule so turned; else day after day. */
static void find_rhythm(struct rhythm *out, struct rhythm *tried, const struct pass *p) {
    struct recur rule, daily = {.freq = RECUR_DAILY, .interval = 1};
    beat(out, &daily, p);
    out->hits = 0;
    bool known = !recur_parse(&rule, str_of(p->series.rule));
    for (int turn = 0; known && turn < (rule.freq == RECUR_WEEKLY ? 7 : 1); turn++) {
        beat(tried, &rule, p);
        if (tried->n && tried->hits > out->hits)
            *out = *tried;
        for (int i = 0; i < rule.n_days; i++)
            rule.days[i].day = (rule.days[i].day + 1) % 7;
    }
    fill(out, p->n);
}

static void one_date(struct ics_event *out, const struct ics_event *whole, const struct pass_date *d,
                     int64_t instance_ms) {
    *out = *whole;
    out->rule = NULL;
    out->n_except = 0;
    out->last_ms = 0;
    out->text = out->url; /* the description is the whole's: two hundred of it are in no letter */
    out->title = d->title;
    out->starts_ms = d->starts_at;
    out->ends_ms = d->starts_at + d->duration_min * 60000;
    out->instance_ms = instance_ms;
}

static bool differs(const struct ics_event *whole, const struct pass_date *d, int64_t instance_ms) {
    return d->starts_at != instance_ms || d->duration_min * 60000 != whole->ends_ms - whole->starts_ms ||
           strcmp(d->title, whole->title) != 0;
}

/* The moments that no date of his stands for. */
static size_t leave_out(const struct rhythm *r, const struct pass *p, int64_t *out) {
    bool his[RECUR_TIMES_MAX] = {false};
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (pass_is_his(&p->v[i]))
            his[r->of[i]] = true;
    for (size_t k = 0; k < r->n; k++)
        if (!his[k])
            out[n++] = r->at_s[k] * 1000;
    return n;
}

int agenda_pass(const struct agenda *g, const struct meeting *m, const struct pass *p, bool cancel,
                struct arena *a, struct ics_event *out) {
    struct rhythm *r = arena_alloc(a, sizeof *r), *tried = arena_alloc(a, sizeof *tried);
    int64_t *except = arena_alloc(a, RECUR_TIMES_MAX * sizeof *except);
    struct ics_event whole;
    int err = r && tried && except && p->n ? agenda_event(g, m, p->code, a, &whole) : -ERR_FULL;
    if (err)
        return err;
    find_rhythm(r, tried, p);
    size_t n = 0, his = 0;
    for (size_t i = 0; i < p->n; i++)
        his += pass_is_his(&p->v[i]);
    whole.uid = p->series.id;
    whole.zone = p->series.zone;
    whole.sequence = p->sequence;
    whole.stamp_ms = g->now_ms;
    whole.ends_ms = r->at_s[0] * 1000 + (whole.ends_ms - whole.starts_ms);
    whole.starts_ms = r->at_s[0] * 1000;
    whole.last_ms = r->at_s[r->n - 1] * 1000 + (whole.ends_ms - whole.starts_ms);
    whole.rule = arena_str(a, str_of(r->rule));
    whole.cancelled = his == 0;
    whole.except_ms = except;
    whole.n_except = his ? leave_out(r, p, except) : 0;
    if (!cancel || !his)
        out[n++] = whole;
    for (size_t i = 0; his && i < p->n; i++) {
        int64_t instance_ms = r->at_s[r->of[i]] * 1000;
        if (cancel ? !pass_is_his(&p->v[i]) : pass_is_his(&p->v[i]) && differs(&whole, &p->v[i], instance_ms))
            one_date(&out[n++], &whole, &p->v[i], instance_ms);
    }
    return whole.rule ? (int)n : -ERR_FULL;
}
