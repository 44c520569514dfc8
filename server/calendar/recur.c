#include "server/calendar/recur.h"

#include <libical/ical.h>
#include <stdio.h>

#include "media/base/err.h"

enum { DAY_S = 86400, YEAR_MIN = 1970, YEAR_MAX = 2100 };

static const char *const freq_names[RECUR_FREQ_COUNT] = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
static const char *const day_names[7] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

static int number(struct str s, int max, int *out) {
    uint64_t v;
    if (str_u64(s, (uint64_t)max, &v) < 0 || !v)
        return -ERR_INVALID;
    *out = (int)v;
    return 0;
}

static int days_in(int year, int month) {
    struct zone_date next = {month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1};
    return (int)(zone_days(next) - zone_days((struct zone_date){year, month, 1}));
}

/* 20270131, or with a time behind it that is passed over. */
static int read_until(struct recur *r, struct str v) {
    int year, month, day;
    struct str time = {v.p + 8, v.n > 8 ? v.n - 8 : 0};
    uint64_t hms;
    if (v.n < 8 || number((struct str){v.p, 4}, YEAR_MAX, &year) || year < YEAR_MIN ||
        number((struct str){v.p + 4, 2}, 12, &month) || number((struct str){v.p + 6, 2}, 31, &day) ||
        day > days_in(year, month))
        return -ERR_INVALID;
    if (time.n && (time.p[0] != 'T' || time.n < 7 || time.n > 8 || (time.n == 8 && time.p[7] != 'Z') ||
                   str_u64((struct str){time.p + 1, 6}, 235959, &hms) < 0))
        return -ERR_INVALID;
    r->until = (struct zone_date){year, month, day};
    return 0;
}

/* "TU", "2TU", "-1FR" */
static int read_day(struct recur *r, struct str v) {
    int nth = 0, sign = 1;
    if (v.n > 2) {
        struct str n = {v.p, v.n - 2};
        if (n.p[0] == '-' || n.p[0] == '+') {
            sign = n.p[0] == '-' ? -1 : 1;
            n = (struct str){n.p + 1, n.n - 1};
        }
        if (number(n, 5, &nth))
            return -ERR_INVALID;
    }
    int day = v.n < 2 ? -1 : str_index((struct str){v.p + v.n - 2, 2}, day_names, countof(day_names));
    if (day < 0 || r->n_days == RECUR_BY_MAX)
        return -ERR_INVALID;
    for (int i = 0; i < r->n_days; i++)
        if (r->days[i].day == day && r->days[i].nth == sign * nth)
            return -ERR_INVALID;
    r->days[r->n_days++] = (struct recur_day){day, sign * nth};
    return 0;
}

static int read_days(struct recur *r, struct str v) {
    struct str one;
    if (!v.n || v.p[v.n - 1] == ',')
        return -ERR_INVALID;
    while (str_until(&v, ',', &one))
        if (read_day(r, one))
            return -ERR_INVALID;
    return 0;
}

static int read_part(struct recur *r, struct str key, struct str v) {
    if (str_is(key, "FREQ")) {
        int f = str_index(v, freq_names, RECUR_FREQ_COUNT);
        r->freq = (enum recur_freq)(f < 0 ? 0 : f);
        return f < 0 ? f : 0;
    }
    if (str_is(key, "INTERVAL"))
        return number(v, RECUR_INTERVAL_MAX, &r->interval);
    if (str_is(key, "COUNT"))
        return number(v, RECUR_TIMES_MAX, &r->count);
    if (str_is(key, "UNTIL"))
        return read_until(r, v);
    if (str_is(key, "BYDAY"))
        return read_days(r, v);
    if (str_is(key, "BYMONTHDAY") && str_is(v, "-1")) {
        r->month_day = -1;
        return 0;
    }
    if (str_is(key, "BYMONTHDAY"))
        return number(v, 31, &r->month_day);
    if (str_is(key, "WKST")) {
        r->week_start = str_index(v, day_names, countof(day_names));
        return r->week_start < 0 ? -ERR_INVALID : 0;
    }
    return -ERR_INVALID;
}

static bool fits_together(const struct recur *r) {
    bool nth = false;
    for (int i = 0; i < r->n_days; i++)
        nth |= r->days[i].nth != 0;
    if (r->count && r->until.year)
        return false; /* 3.3.10: "MUST NOT occur in the same recur" */
    if (nth && r->freq != RECUR_MONTHLY)
        return false;
    if (r->n_days && r->freq == RECUR_YEARLY)
        return false; /* would mean every such day of the year */
    return !r->month_day || (r->freq == RECUR_MONTHLY && !r->n_days);
}

int recur_parse(struct recur *out, struct str text) {
    static const char *const keys[] = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "WKST"};
    struct recur r = {.interval = 1};
    unsigned seen = 0;
    struct str part;
    if (text.n > RECUR_TEXT_MAX)
        return -ERR_INVALID;
    while (str_until(&text, ';', &part)) {
        struct str key;
        if (!str_until(&part, '=', &key))
            return -ERR_INVALID;
        int k = str_index(key, keys, countof(keys));
        if (k < 0 || seen & (1u << k) || read_part(&r, key, part))
            return -ERR_INVALID; /* 3.3.10: a rule part is there once */
        seen |= 1u << k;
    }
    if (!(seen & 1) || !fits_together(&r))
        return -ERR_INVALID;
    *out = r;
    return 0;
}

void recur_write(const struct recur *r, char dst[RECUR_TEXT_MAX + 1]) {
    struct buf {
        char *p;
        size_t n;
    } b = {dst, 0};
#define PUT(...) b.n += (size_t)snprintf(b.p + b.n, RECUR_TEXT_MAX + 1 - b.n, __VA_ARGS__)
    PUT("FREQ=%s", freq_names[r->freq]);
    if (r->interval > 1)
        PUT(";INTERVAL=%d", r->interval);
    for (int i = 0; i < r->n_days; i++) {
        PUT("%s", i ? "," : ";BYDAY=");
        if (r->days[i].nth)
            PUT("%d", r->days[i].nth);
        PUT("%s", day_names[r->days[i].day]);
    }
    if (r->month_day)
        PUT(";BYMONTHDAY=%d", r->month_day);
    if (r->week_start)
        PUT(";WKST=%s", day_names[r->week_start]);
    if (r->count)
        PUT(";COUNT=%d", r->count);
    if (r->until.year)
        PUT(";UNTIL=%04d%02d%02d", r->until.year, r->until.month, r->until.day);
#undef PUT
}

static struct icaltimetype wall_time(int64_t wall_s) {
    int64_t day = (wall_s >= 0 ? wall_s : wall_s - (DAY_S - 1)) / DAY_S;
    struct zone_date d = zone_date(day);
    int rest = (int)(wall_s - day * DAY_S);
    struct icaltimetype t = icaltime_null_time();
    t.year = d.year, t.month = d.month, t.day = d.day;
    t.hour = rest / 3600, t.minute = rest / 60 % 60, t.second = rest % 60;
    return t;
}

static int64_t wall_seconds(struct icaltimetype t) {
    return zone_days((struct zone_date){t.year, t.month, t.day}) * DAY_S + t.hour * 3600 + t.minute * 60 +
           t.second;
}

size_t recur_times(const struct recur *r, const char *zone, int64_t start_s, int64_t *out, size_t max) {
    struct recur own = *r;
    char text[RECUR_TEXT_MAX + 1];
    own.until = (struct zone_date){0, 0, 0}; /* counted here, in the series' own days */
    recur_write(&own, text);
    int64_t start = zone_wall_s(zone, start_s), end = start + (int64_t)RECUR_DAYS_MAX * DAY_S;
    if (r->until.year && (zone_days(r->until) + 1) * DAY_S - 1 < end)
        end = (zone_days(r->until) + 1) * DAY_S - 1;
    icalerror_set_errors_are_fatal(0);
    struct icalrecurrencetype rule = icalrecurrencetype_from_string(text);
    icalrecur_iterator *it = icalrecur_iterator_new(rule, wall_time(start));
    size_t n = 0;
    max = max > RECUR_TIMES_MAX ? RECUR_TIMES_MAX : max;
    while (it && n < max) {
        struct icaltimetype t = icalrecur_iterator_next(it);
        if (icaltime_is_null_time(t) || wall_seconds(t) > end)
            break;
        out[n++] = zone_moment_s(zone, wall_seconds(t));
    }
    if (it)
        icalrecur_iterator_free(it);
    icalrecurrencetype_clear(&rule);
    return n;
}
