#include "server/calendar/ics.h"

#include <stdio.h>

#include "server/calendar/zone.h"

enum { DAY_S = 86400, HEAD_MAX = 512 };

/* 3.1: "Lines of text SHOULD NOT be longer than 75 octets, excluding the line break": characters stay whole.
 */
struct fold {
    struct buf *out;
    size_t at;
};

static void put_char(struct fold *f, const char *p, size_t n) {
    if (f->at + n > ICS_LINE_BYTES) {
        buf_z(f->out, "\r\n ");
        f->at = 1;
    }
    buf_put(f->out, p, n);
    f->at += n;
}

static size_t char_bytes(struct str s, size_t i) {
    size_t n = 1;
    while (i + n < s.n && ((uint8_t)s.p[i + n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* 3.3.11: backslash, semicolon, comma and line break; two characters that are one are not torn apart. */
static void put_escaped(struct fold *f, struct str s) {
    for (size_t i = 0; i < s.n;) {
        size_t n = char_bytes(s, i);
        uint8_t c = (uint8_t)s.p[i];
        if (c == '\n')
            put_char(f, "\\n", 2);
        else if (c == '\\' || c == ';' || c == ',')
            put_char(f, (char[]){'\\', (char)c}, 2);
        else if (c >= 0x20 && c != 0x7f)
            put_char(f, s.p + i, n);
        i += n;
    }
}

static void put_plain(struct fold *f, struct str s) {
    for (size_t i = 0; i < s.n;) {
        size_t n = char_bytes(s, i);
        if ((uint8_t)s.p[i] >= 0x20 && s.p[i] != 0x7f)
            put_char(f, s.p + i, n);
        i += n;
    }
}

void ics_line(struct buf *out, const char *head, struct str value, bool is_text) {
    struct fold f = {out, 0};
    put_plain(&f, str_of(head));
    put_char(&f, ":", 1);
    if (is_text)
        put_escaped(&f, value);
    else
        put_plain(&f, value);
    buf_z(out, "\r\n");
}

static void line_z(struct buf *out, const char *head, const char *value) {
    ics_line(out, head, str_of(value), true);
}

/* 20261020T180000 of seconds that are already those of the wall. */
static void wall_text(char dst[40], int64_t wall_s, const char *tail) {
    int64_t day = (wall_s >= 0 ? wall_s : wall_s - (DAY_S - 1)) / DAY_S;
    struct zone_date d = zone_date(day);
    int rest = (int)(wall_s - day * DAY_S);
    snprintf(dst, 40, "%04d%02d%02dT%02d%02d%02d%s", d.year, d.month, d.day, rest / 3600, rest / 60 % 60,
             rest % 60, tail);
}

static void line_utc(struct buf *out, const char *head, int64_t at_ms) {
    char text[40];
    wall_text(text, at_ms / 1000, "Z");
    line_z(out, head, text);
}

struct zones {
    const char *names[ICS_ZONES_MAX];
    int64_t from_s[ICS_ZONES_MAX], to_s[ICS_ZONES_MAX];
    size_t n;
};

static bool in_utc(const struct zones *z, const char *name) {
    for (size_t i = 0; i < z->n; i++)
        if (!strcmp(z->names[i], name))
            return false;
    return true;
}

static void line_zoned(struct buf *out, const struct zones *z, const char *key, const char *zone,
                       int64_t at_ms) {
    char head[96], text[40];
    if (in_utc(z, zone)) {
        line_utc(out, key, at_ms);
        return;
    }
    snprintf(head, sizeof head, "%s;TZID=%.60s", key, zone);
    wall_text(text, zone_wall_s(zone, at_ms / 1000), "");
    line_z(out, head, text);
}

static void gather_zones(struct zones *z, const struct ics *c) {
    z->n = 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct ics_event *e = &c->events[i];
        size_t k = 0;
        if (!strcmp(e->zone, "UTC") || !zone_ok(str_of(e->zone)))
            continue;
        while (k < z->n && strcmp(z->names[k], e->zone))
            k++;
        if (k == ICS_ZONES_MAX)
            continue;
        if (k == z->n) {
            z->names[z->n++] = e->zone;
            z->from_s[k] = z->to_s[k] = e->starts_ms / 1000;
        }
        if (e->starts_ms / 1000 < z->from_s[k])
            z->from_s[k] = e->starts_ms / 1000;
        if (e->ends_ms / 1000 > z->to_s[k])
            z->to_s[k] = e->ends_ms / 1000;
        if (e->last_ms / 1000 > z->to_s[k])
            z->to_s[k] = e->last_ms / 1000;
    }
}

static void line_offset(struct buf *out, const char *head, int offset_s) {
    char text[16];
    int abs_s = offset_s < 0 ? -offset_s : offset_s;
    snprintf(text, sizeof text, "%c%02d%02d", offset_s < 0 ? '-' : '+', abs_s / 3600 % 100, abs_s / 60 % 60);
    line_z(out, head, text);
}

/* The changes that concern these events, each by itself: no rule to be read differently elsewhere. */
static void put_zone(struct buf *out, const char *name, int64_t from_s, int64_t to_s) {
    struct zone_change v[ZONE_CHANGES_MAX];
    char text[40];
    size_t n = zone_changes(name, from_s, to_s, v);
    line_z(out, "BEGIN", "VTIMEZONE");
    line_z(out, "TZID", name);
    for (size_t i = 0; i < n; i++) {
        const char *part = v[i].is_dst ? "DAYLIGHT" : "STANDARD";
        wall_text(text, v[i].at_s + v[i].from_s, ""); /* 3.6.5: in the offset that was in use */
        line_z(out, "BEGIN", part);
        line_z(out, "DTSTART", text);
        line_offset(out, "TZOFFSETFROM", v[i].from_s);
        line_offset(out, "TZOFFSETTO", v[i].to_s);
        line_z(out, "END", part);
    }
    line_z(out, "END", "VTIMEZONE");
}

/* CN as a quoted parameter: 3.2 knows no escape in it, so quotes and control characters are left out. */
static void line_person(struct buf *out, const char *key, const char *tail, const char *name,
                        const char *mail) {
    char head[HEAD_MAX], cn[HEAD_MAX / 2];
    size_t n = 0;
    for (struct str s = str_of(name); s.n;) {
        size_t k = char_bytes(s, 0);
        if ((uint8_t)s.p[0] >= 0x20 && s.p[0] != '"' && s.p[0] != 0x7f && n + k < sizeof cn) {
            memcpy(cn + n, s.p, k);
            n += k;
        }
        s = (struct str){s.p + k, s.n - k};
    }
    cn[n] = 0;
    snprintf(head, sizeof head, "%s;CN=\"%s\"%s", key, cn, tail);
    char value[HEAD_MAX];
    if (mail[0])
        snprintf(value, sizeof value, "mailto:%.200s", mail);
    else
        snprintf(value, sizeof value, "invalid:nomail");
    ics_line(out, head, str_of(value), false);
}

/* 3.8.5.1, 3.8.4.4: in the form of DTSTART, or they name no time of the rule. */
static void put_repetition(struct buf *out, const struct zones *z, const struct ics_event *e) {
    if (e->rule)
        ics_line(out, "RRULE", str_of(e->rule), false);
    for (size_t i = 0; i < e->n_except; i++)
        line_zoned(out, z, "EXDATE", e->zone, e->except_ms[i]);
    if (e->instance_ms)
        line_zoned(out, z, "RECURRENCE-ID", e->zone, e->instance_ms);
}

static void put_event(const struct ics *c, const struct zones *z, const struct ics_event *e) {
    char text[160];
    struct buf *out = c->out;
    line_z(out, "BEGIN", "VEVENT");
    snprintf(text, sizeof text, "%.60s@%.80s", e->uid, c->domain);
    line_z(out, "UID", text);
    line_utc(out, "DTSTAMP", e->stamp_ms);
    line_utc(out, "LAST-MODIFIED", e->stamp_ms);
    snprintf(text, sizeof text, "%lld", (long long)e->sequence);
    line_z(out, "SEQUENCE", text);
    line_zoned(out, z, "DTSTART", e->zone, e->starts_ms);
    line_zoned(out, z, "DTEND", e->zone, e->ends_ms);
    put_repetition(out, z, e);
    line_z(out, "SUMMARY", e->title);
    if (e->text[0])
        line_z(out, "DESCRIPTION", e->text);
    line_z(out, "LOCATION", e->url);
    ics_line(out, "URL", str_of(e->url), false);
    line_z(out, "STATUS", e->cancelled || c->method == ICS_CANCEL ? "CANCELLED" : "CONFIRMED");
    line_person(out, "ORGANIZER", "", e->organizer, e->organizer_mail);
    if (e->attendee)
        line_person(out, "ATTENDEE", ";ROLE=REQ-PARTICIPANT;RSVP=FALSE;PARTSTAT=ACCEPTED", e->attendee,
                    e->attendee_mail);
    line_z(out, "END", "VEVENT");
}

void ics_write(const struct ics *c) {
    static const char *const methods[] = {"PUBLISH", "REQUEST", "CANCEL"};
    struct zones z;
    gather_zones(&z, c);
    line_z(c->out, "BEGIN", "VCALENDAR");
    line_z(c->out, "VERSION", "2.0");
    line_z(c->out, "PRODID", "-//somhub//calendar//EN");
    line_z(c->out, "CALSCALE", "GREGORIAN");
    line_z(c->out, "METHOD", methods[c->method]);
    if (c->name) {
        line_z(c->out, "NAME", c->name); /* RFC 7986 5.1, and what is read in its place */
        line_z(c->out, "X-WR-CALNAME", c->name);
        line_z(c->out, "REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
        line_z(c->out, "X-PUBLISHED-TTL", "PT1H");
    }
    for (size_t i = 0; i < z.n; i++)
        put_zone(c->out, z.names[i], z.from_s[i], z.to_s[i]);
    for (size_t i = 0; i < c->n; i++)
        put_event(c, &z, &c->events[i]);
    line_z(c->out, "END", "VCALENDAR");
}
