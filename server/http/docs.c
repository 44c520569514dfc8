#include "server/http/docs.h"

#include <stdio.h>

#include "server/catalogue/lesson.h"
#include "server/catalogue/recdir.h"
#include "server/catalogue/transcript.h"
#include "server/catalogue/series.h"

static void set_time(struct json *j, const char *key, int64_t at) {
    if (at)
        json_set_int(j, key, at);
    else
        json_set_null(j, key);
}

static void set_user_id(struct json *j, int64_t id) {
    char text[24];
    snprintf(text, sizeof text, "u%lld", (long long)id);
    json_set_z(j, "id", text);
}

static void set_media(struct json *j, const char *key, const char *id, const char *file) {
    char url[128];
    snprintf(url, sizeof url, "/media/%s/%s", id, file);
    json_set_z(j, key, url);
}

static void set_poster(struct json *j, const struct meeting *m) {
    if (m->has_poster)
        set_media(j, "poster", m->id, LESSON_POSTER);
    else
        json_set_null(j, "poster");
}

static struct json *host_of(const struct meeting *m) {
    struct json *j = json_object();
    set_user_id(j, m->host);
    json_set_z(j, "name", m->host_name);
    return j;
}

static void set_space(struct json *j, const struct meeting *m) {
    if (m->space[0])
        json_set_z(j, "space", m->space);
    else
        json_set_null(j, "space");
}

struct json *docs_user(const struct user *u, bool full) {
    struct json *j = json_object();
    set_user_id(j, u->id);
    json_set_z(j, "name", u->name);
    json_set_z(j, "role", user_role_name(u->role));
    if (full) {
        json_set_z(j, "email", u->email);
        json_set_z(j, "state", u->blocked ? "blocked" : "active");
        json_set_int(j, "created_at", u->created_at);
    }
    return j;
}

struct json *docs_session(const struct api *a) {
    struct json *j = json_object(), *server = json_object(), *languages = json_array();
    if (a->in.user.id) {
        json_set(j, "user", docs_user(&a->in.user, true));
        json_set_z(j, "csrf", a->in.csrf);
    } else {
        json_set_null(j, "user");
        json_set_null(j, "csrf");
    }
    json_add_str(languages, STR("uk"));
    json_add_str(languages, STR("en"));
    json_set_z(server, "name",
               a->cfg->server_name && a->cfg->server_name[0] ? a->cfg->server_name : "SOM-hub Live");
    json_set_bool(server, "register", a->cfg->registration);
    json_set_z(server, "zone", a->cfg->zone);
    json_set(server, "languages", languages);
    json_set(j, "server", server);
    return j;
}

static const char *recording_state(const struct meeting *m) {
    switch (m->rec) {
    case REC_LIVE:
        return m->life == LIFE_ENDED ? "processing" : "live";
    case REC_READY:
        return "ready";
    default:
        return "failed";
    }
}

static struct json *can_of_caller(const struct access *may) {
    struct json *j = json_object();
    json_set_bool(j, "join", may->join);
    json_set_bool(j, "edit", may->edit);
    json_set_bool(j, "end", may->may_end);
    json_set_bool(j, "attendance", may->edit);
    json_set_bool(j, "watch", may->watch);
    return j;
}

static void set_state(struct json *j, struct api *a, const struct meeting *m, const struct access *may) {
    json_set_z(j, "state", life_name(m->life));
    set_time(j, "opened_at", m->opened_at);
    set_time(j, "ended_at", m->ended_at);
    if (may->watch) {
        struct json *l = json_object();
        json_set_z(l, "state", recording_state(m));
        json_set_int(l, "duration_ms", m->rec_duration_ms);
        set_poster(l, m);
        json_set(j, "lesson", l);
    } else {
        json_set_null(j, "lesson");
    }
    struct api_live now;
    if (m->life == LIFE_OPEN && a->cfg->live && a->cfg->live(a->cfg->live_ctx, m->id, &now)) {
        struct json *live = json_object();
        json_set_int(live, "count", now.count);
        json_set_bool(live, "recording", now.recording);
        json_set(j, "live", live);
    }
}

static void set_plan(struct json *j, const struct api *a, const struct meeting *m) {
    struct series sr;
    json_set_z(j, "zone", m->zone[0] ? m->zone : a->cfg->zone);
    json_set_bool(j, "cancelled", m->cancelled_at != 0);
    if (!m->series[0] || series_get(a->store, m->series, &sr)) {
        json_set_null(j, "series");
        return;
    }
    struct json *s = json_object();
    json_set_z(s, "id", sr.id);
    json_set_z(s, "rule", sr.rule);
    json_set_bool(s, "moved", m->starts_at != m->slot_at);
    json_set(j, "series", s);
}

struct json *docs_calendar(const struct api *a, const struct meeting *m) {
    struct json *j = json_object();
    json_set_z(j, "id", m->id);
    json_set_z(j, "title", m->title);
    set_space(j, m);
    json_set_z(j, "format", m->format);
    set_time(j, "starts_at", m->starts_at);
    json_set_int(j, "duration_min", m->duration_min);
    json_set_z(j, "zone", m->zone[0] ? m->zone : a->cfg->zone);
    json_set_z(j, "state", life_name(m->life));
    json_set_bool(j, "cancelled", m->cancelled_at != 0);
    json_set_bool(j, "repeats", m->series[0] != 0);
    json_set(j, "host", host_of(m));
    return j;
}

static const char *need_of_signup(enum reg_state reg) {
    return reg == REG_PENDING || reg == REG_WAITING || reg == REG_REFUSED ? reg_state_name(reg)
                                                                          : "registration";
}

struct json *docs_event(struct api *a, const struct meeting *m, const struct access *may) {
    struct json *j = json_object();
    json_set_z(j, "id", m->id);
    json_set_z(j, "title", m->title);
    json_set_z(j, "description", m->description);
    set_space(j, m);
    json_set_z(j, "format", m->format);
    set_time(j, "starts_at", m->starts_at);
    json_set_int(j, "duration_min", m->duration_min);
    json_set_z(j, "record", record_policy_name(m->record));
    json_set_z(j, "access", access_join_name(m->join));
    json_set_bool(j, "lobby", m->lobby);
    json_set_z(j, "visibility", access_watch_name(m->watch));
    json_set(j, "host", host_of(m));
    json_set_int(j, "created_at", m->created_at);
    set_plan(j, a, m);
    set_state(j, a, m, may);
    if (may->join)
        json_set_z(j, "role", role_name(may->role));
    else
        json_set_null(j, "role");
    json_set_z(j, "needs",
               may->join               ? ""
               : m->life == LIFE_ENDED ? "ended"
               : m->cancelled_at       ? "cancelled"
               : may->needs_signup     ? need_of_signup(may->reg)
               : may->needs_signin     ? "signin"
                                       : "invitation");
    json_set(j, "can", can_of_caller(may));
    if (may->edit) {
        struct json *codes = json_object();
        for (int i = 0; i < ROLE_HOST; i++)
            json_set_z(codes, role_name((enum role)i), m->codes[i]);
        json_set(j, "codes", codes);
    }
    return j;
}

/* The beginning of a description, cut between characters. */
static struct str excerpt(const char *text) {
    enum { CHARS = 200 };
    size_t n = 0, chars = 0;
    while (text[n] && chars < CHARS) {
        n++;
        while (((uint8_t)text[n] & 0xc0) == 0x80)
            n++;
        chars++;
    }
    return (struct str){text, n};
}

struct json *docs_card(const struct meeting *m, bool with_position) {
    struct json *j = json_object();
    json_set_z(j, "id", m->id);
    json_set_z(j, "title", m->title);
    json_set_str(j, "text", excerpt(m->description));
    set_space(j, m);
    json_set_z(j, "format", m->format);
    json_set(j, "host", host_of(m));
    json_set_int(j, "recorded_at", m->rec_started_at);
    json_set_int(j, "duration_ms", m->rec_duration_ms);
    set_poster(j, m);
    json_set_z(j, "visibility", access_watch_name(m->watch));
    json_set_z(j, "state", recording_state(m));
    if (with_position && m->position_ms >= 0)
        json_set_int(j, "position_ms", m->position_ms);
    else
        json_set_null(j, "position_ms");
    return j;
}

/* Published: what the manifest says. Live: what is on disk so far. */
static struct json *screen_of(const struct api *a, const struct meeting *m, const struct json *manifest) {
    const struct json *screen = json_get(json_get(manifest, "renditions"), "screen");
    int64_t offset_ms = 0;
    bool there = json_is_object(screen) ||
                 (m->rec == REC_LIVE && recdir_size(a->cfg->data_dir, m->id, "screen.m3u8") > 0);
    if (!there)
        return NULL;
    struct json *j = json_object();
    set_media(j, "playlist", m->id, "screen.m3u8");
    (void)json_get_int(screen, "offset_ms", &offset_ms);
    json_set_int(j, "offset_ms", offset_ms);
    const struct json *spans = json_get(screen, "spans");
    if (json_is_array(spans))
        json_set(j, "spans", json_clone(spans));
    return j;
}

/* The languages it was interpreted into; published or live, as the screen. */
static struct json *languages_of(const struct api *a, const struct meeting *m, const struct json *manifest) {
    const struct json *kept = json_get(manifest, "languages");
    char langs[RECDIR_LANGS_MAX][RECDIR_LANG_MAX + 1], file[64];
    unsigned n = 0;
    struct str lang;
    for (size_t i = 0; json_is_array(kept) && n < RECDIR_LANGS_MAX && i < json_len(kept); i++)
        n += json_get_str(json_at(kept, i), "lang", &lang) && STR_COPY(langs[n], lang);
    if (m->rec == REC_LIVE)
        n = recdir_langs(a->cfg->data_dir, m->id, langs);
    struct json *list = json_array();
    for (unsigned i = 0; i < n; i++) {
        struct json *j = json_object();
        json_set_z(j, "lang", langs[i]);
        snprintf(file, sizeof file, RECDIR_LANG_FILE, langs[i]);
        set_media(j, "playlist", m->id, file);
        json_add(list, j);
    }
    return list;
}

struct json *docs_captions(struct api *a, const struct meeting *m) {
    struct transcript_file files[VTT_LANGS_MAX];
    char langs[VTT_LANGS_MAX][VTT_LANG_MAX + 1], file[64];
    int brought = m->rec == REC_READY ? transcript_files(a->store, m->id, files) : 0;
    bool has_files = m->rec == REC_READY || m->rec == REC_LIVE;
    int n = has_files ? (int)transcript_langs(a->cfg->data_dir, m->id, langs) : 0;
    struct json *list = json_array();
    for (int i = 0; i < n; i++) {
        struct json *j = json_object();
        json_set_z(j, "lang", langs[i]);
        snprintf(file, sizeof file, TRANSCRIPT_FILE, langs[i]);
        set_media(j, "url", m->id, file);
        for (int f = 0; f < brought; f++)
            if (!strcmp(files[f].lang, langs[i]))
                json_set_z(j, "file", files[f].name);
        json_add(list, j);
    }
    return list;
}

static struct json *recording_of(struct api *a, const struct meeting *m) {
    struct json *manifest = lesson_manifest(a->store, m->id);
    if (!manifest)
        return NULL;
    struct json *j = json_object();
    json_set_z(j, "state", recording_state(m));
    json_set_int(j, "started_at", m->rec_started_at);
    json_set_int(j, "duration_ms", m->rec_duration_ms);
    json_set_int(j, "bytes", m->rec_bytes);
    set_media(j, "master", m->id, "index.m3u8");
    set_media(j, "program", m->id, "program.m3u8");
    set_media(j, "audio", m->id, "audio.m3u8");
    struct json *screen = screen_of(a, m, manifest);
    if (screen)
        json_set(j, "screen", screen);
    else
        json_set_null(j, "screen");
    json_set(j, "languages", languages_of(a, m, manifest));
    const struct json *takes = json_get(manifest, "takes");
    json_set(j, "takes", json_is_array(takes) ? json_clone(takes) : recdir_takes(a->cfg->data_dir, m->id));
    if (m->rec == REC_READY)
        set_media(j, "timeline", m->id, RECDIR_TIMELINE);
    else
        json_set_null(j, "timeline");
    bool is_live = m->rec == REC_LIVE;
    if (is_live || m->rec == REC_READY) /* else what there was is told */
        (void)transcript_fresh(a->store, a->cfg->data_dir, m->id, REVISION_CUES, is_live);
    json_set(j, "captions", docs_captions(a, m));
    set_poster(j, m);
    json_free(manifest);
    return j;
}

static struct json *downloads_of(struct api *a, const struct meeting *m) {
    struct lesson_download d[LESSON_DOWNLOADS_MAX];
    int n = lesson_downloads(a->store, m->id, d);
    struct json *list = json_array();
    for (int i = 0; i < n; i++) {
        if (str_is(str_of(d[i].kind), "poster"))
            continue;
        struct json *j = json_object();
        json_set_z(j, "kind", d[i].kind);
        set_media(j, "url", m->id, d[i].file);
        json_set_int(j, "bytes", d[i].bytes);
        json_add(list, j);
    }
    return list;
}

struct json *docs_job(const struct job *job, bool with_text) {
    struct json *j = json_object();
    json_set_int(j, "id", job->id);
    json_set_z(j, "kind", job_kind_name(job->kind));
    json_set_z(j, "state", job_state_name(job->state));
    json_set_int(j, "percent", job->percent);
    json_set_int(j, "attempts", job->attempts);
    json_set_z(j, "text", with_text ? job->text : "");
    return j;
}

static struct json *jobs_of(struct api *a, const struct meeting *m, bool all) {
    struct job jobs[JOB_LIST_MAX];
    int n = job_list(a->store, m->id, jobs);
    struct json *list = json_array();
    for (int i = 0; i < n; i++) {
        bool open = jobs[i].state == JOB_WAITING || jobs[i].state == JOB_RUNNING;
        if (jobs[i].kind == JOB_KIND_COUNT || (!all && !(open && jobs[i].kind == JOB_MP4)))
            continue;
        json_add(list, docs_job(&jobs[i], all));
    }
    return list;
}

struct json *docs_lesson(struct api *a, const struct meeting *m, const struct access *may) {
    struct json *recording = recording_of(a, m);
    if (!recording)
        return NULL;
    struct json *j = json_object();
    json_set(j, "event", docs_event(a, m, may));
    json_set(j, "recording", recording);
    json_set(j, "downloads", downloads_of(a, m));
    json_set(j, "jobs", jobs_of(a, m, may->edit));
    int64_t ms = a->in.user.id ? lesson_position(a->store, m->id, a->in.user.id) : 0;
    json_set_int(j, "position_ms", ms > 0 ? ms : 0);
    return j;
}
