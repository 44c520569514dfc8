#include "server/calendar/zone.h"

#include <libical/ical.h>
#include <pthread.h>

enum { DAY_S = 86400 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Under the lock. Names are letters, digits and "/_+-" only: libical makes a file name of it. */
static icaltimezone *find(const char *name) {
    size_t n = strlen(name);
    if (!n || n > ZONE_NAME_MAX ||
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789/_+-") != n ||
        name[0] == '/')
        return NULL;
    icalerror_set_errors_are_fatal(0);
    return strcmp(name, "UTC") ? icaltimezone_get_builtin_timezone(name) : icaltimezone_get_utc_timezone();
}

bool zone_ok(struct str name) {
    char z[ZONE_NAME_MAX + 1];
    if (!STR_COPY(z, name))
        return false;
    pthread_mutex_lock(&lock);
    bool ok = find(z) != NULL;
    pthread_mutex_unlock(&lock);
    return ok;
}

struct zone_date zone_date(int64_t days) {
    /* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days */
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (struct zone_date){(int)(yoe + era * 400 + (month <= 2)), month,
                              (int)(doy - (153 * mp + 2) / 5 + 1)};
}

int64_t zone_days(struct zone_date d) {
    int64_t y = d.year - (d.month <= 2), era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int64_t day_of(int64_t s) { return (s >= 0 ? s : s - (DAY_S - 1)) / DAY_S; }

static int offset_locked(icaltimezone *zone, int64_t at_s, bool *is_dst) {
    struct zone_date d = zone_date(day_of(at_s));
    int rest = (int)(at_s - day_of(at_s) * DAY_S), dst = 0;
    struct icaltimetype t = icaltime_null_time();
    t.year = d.year, t.month = d.month, t.day = d.day;
    t.hour = rest / 3600, t.minute = rest / 60 % 60, t.second = rest % 60;
    int offset = zone ? icaltimezone_get_utc_offset_of_utc_time(zone, &t, &dst) : 0;
    if (is_dst)
        *is_dst = dst != 0;
    return offset;
}

int zone_offset_s(const char *name, int64_t at_s, bool *is_dst) {
    pthread_mutex_lock(&lock);
    int offset = offset_locked(find(name), at_s, is_dst);
    pthread_mutex_unlock(&lock);
    return offset;
}

int64_t zone_wall_s(const char *name, int64_t at_s) { return at_s + zone_offset_s(name, at_s, NULL); }

int64_t zone_moment_s(const char *name, int64_t wall_s) {
    /* No zone is more than a day from Greenwich, and none changes twice within two days. */
    int before = zone_offset_s(name, wall_s - DAY_S, NULL), after = zone_offset_s(name, wall_s + DAY_S, NULL);
    if (zone_offset_s(name, wall_s - before, NULL) == before)
        return wall_s - before;
    return zone_offset_s(name, wall_s - after, NULL) == after ? wall_s - after : wall_s - before;
}

/* The first second of [from, to] at which the offset is no longer that of `from`; they differ at the ends. */
static int64_t turning(icaltimezone *zone, int64_t from_s, int64_t to_s) {
    int old = offset_locked(zone, from_s, NULL);
    while (to_s - from_s > 1) {
        int64_t mid = from_s + (to_s - from_s) / 2;
        if (offset_locked(zone, mid, NULL) == old)
            from_s = mid;
        else
            to_s = mid;
    }
    return to_s;
}

size_t zone_changes(const char *name, int64_t from_s, int64_t to_s,
                    struct zone_change out[ZONE_CHANGES_MAX]) {
    enum { STEP_S = 7 * DAY_S, BACK_S = 366 * DAY_S };
    size_t n = 0;
    pthread_mutex_lock(&lock);
    icaltimezone *zone = find(name);
    bool dst;
    int64_t at = from_s - BACK_S;
    int was = offset_locked(zone, at, &dst);
    out[n++] = (struct zone_change){at, was, was, dst};
    for (; at < to_s && n < ZONE_CHANGES_MAX; at += STEP_S) {
        int now = offset_locked(zone, at + STEP_S, NULL);
        if (now == was)
            continue;
        int64_t turn = turning(zone, at, at + STEP_S);
        now = offset_locked(zone, turn, &dst);
        struct zone_change c = {turn, was, now, dst};
        if (turn <= from_s)
            n = 0; /* what came before it is of no interest */
        out[n++] = c;
        was = offset_locked(zone, at + STEP_S, NULL);
    }
    pthread_mutex_unlock(&lock);
    return n;
}
