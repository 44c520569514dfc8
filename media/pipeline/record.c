#include "media/pipeline/record.h"
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "media/pipeline/say.h"
#include "media/pipeline/takes.h"

enum {
    CAMERA_FROZEN_US = 2000000,
    SCREEN_FROZEN_US = 5000000, /* a still screen sends little, but answers when asked for a keyframe */
    /* What is in memory is lost by a crash, and no more than a second may be: sound has waited SOUND_LATE_US
     * in the mixer already, a picture behind a loss SOURCE_VIDEO_WAIT_US; with parts of 100 and 250 ms a busy
     * machine has some 230 ms left. */
    SOUND_PART_DIV = 10,
    VIDEO_PART_DIV = 4,
};
struct member {
    char name[RECORD_MEMBER_BYTES];
    unsigned users;
    struct tsmap_member clock;
};
struct record {
    struct record_cfg cfg;
    struct take take;
    struct disk *disk;
    struct slate slate;
    struct lane program, screen;
    struct sound sound;
    struct master master;
    struct map tracks;
    struct source *sources[RECORD_TRACKS_MAX];
    struct member *members[RECORD_MEMBERS_MAX]; /* of sources[i], by sources[i]->member */
    struct member clocks[RECORD_MEMBERS_MAX];
    int64_t offset_us; /* local clock to media time */
    int64_t now_us;    /* media time */
    bool screen_begun;
};

static void write_master(struct record *r) {
    struct buf b;
    buf_init(&b, 4096);
    master_write(&b, &r->master);
    disk_file(r->disk, "index.m3u8", &b);
}
static void on_tongue(void *arg, const char *lang) {
    struct record *r = arg;
    if (!master_speak(&r->master, lang))
        return;
    write_master(r);
    struct json *j = say_new("language");
    json_set_z(j, "lang", lang);
    say(j);
}
static void on_program_run(void *arg, int64_t at_us, const struct picture *p, bool is_slate) {
    struct record *r = arg;
    (void)is_slate;
    if (r->program.begun) /* the sound began its first run with the take */
        sound_break(&r->sound, at_us);
    if (master_see(&r->master, p->config, p->width, p->height))
        write_master(r);
}
static void say_screen(int64_t offset_ms) {
    struct json *j = say_new("rendition");
    json_set_z(j, "name", "screen");
    json_set_int(j, "offset_ms", offset_ms);
    say(j);
}
static void on_screen_run(void *arg, int64_t at_us, const struct picture *p, bool is_slate) {
    struct record *r = arg;
    (void)p, (void)is_slate;
    if (!r->screen_begun)
        say_screen(r->cfg.past.screen_offset_ms >= 0 ? r->cfg.past.screen_offset_ms : at_us / 1000);
    r->screen_begun = true;
}

static struct frag_cfg frag_cfg(const struct record *r, enum rendition which, unsigned part_div) {
    const struct rendition_file *file = &rendition_files[which];
    return (struct frag_cfg){.disk = r->disk,
                             .slot = which,
                             .list = file->list,
                             .letter = file->letter,
                             .take = r->take.take,
                             .first_run = 1,
                             .timescale = file->timescale,
                             .target_s = (unsigned)((r->cfg.segment_ms * 3 / 2 + 999) / 1000),
                             .part_us = r->cfg.part_ms * 1000 / part_div,
                             .wall_ms = r->take.wall_ms - r->take.base_ms,
                             .listed = r->cfg.past.listed[which]};
}
static void open_lanes(struct record *r) {
    int64_t base_us = r->take.base_ms * 1000, segment_us = r->cfg.segment_ms * 1000;
    struct lane_cfg cfg = {.frag = frag_cfg(r, RENDITION_PROGRAM, VIDEO_PART_DIV),
                           .name = "camera",
                           .base_us = base_us,
                           .segment_us = segment_us,
                           .frozen_us = CAMERA_FROZEN_US,
                           .slate = &r->slate,
                           .on_run = on_program_run,
                           .arg = r};
    lane_init(&r->program, &cfg);
    cfg.frag = frag_cfg(r, RENDITION_SCREEN, VIDEO_PART_DIV);
    cfg.name = "screen";
    cfg.frozen_us = SCREEN_FROZEN_US;
    cfg.holds_still = true;
    cfg.opens_late = !r->cfg.past.listed[RENDITION_SCREEN];
    cfg.on_run = on_screen_run;
    lane_init(&r->screen, &cfg);
}
/* The channels that were recorded until now go on. */
static void open_tongues(struct record *r) {
    char *list;
    size_t n;
    r->sound.on_tongue = on_tongue;
    r->sound.arg = r;
    if (!takes_load(&list, &n, r->cfg.dir, rendition_files[RENDITION_AUDIO].list, RECOVER_LIST_MAX)) {
        sound_past(&r->sound, (struct str){list, n});
        mem_free(list);
    }
    for (unsigned i = 0; i < r->cfg.past.langs_n; i++) {
        sound_known(&r->sound, r->cfg.past.langs[i]);
        master_speak(&r->master, r->cfg.past.langs[i]);
    }
}
int record_open(struct record **out, const struct record_cfg *cfg) {
    struct record *r = mem_zalloc(sizeof *r);
    r->cfg = *cfg;
    r->take = (struct take){.take = cfg->past.takes + 1,
                            .base_ms = cfg->past.end_ms,
                            .end_ms = -1,
                            .wall_ms = cfg->wall_ms,
                            .gap = cfg->past.last_torn};
    r->offset_us = r->take.base_ms * 1000 - cfg->clock_us;
    r->now_us = r->take.base_ms * 1000;
    int err = disk_open(&r->disk, cfg->dir);
    if (!err)
        err = takes_start(cfg->dir, &r->take);
    if (err) {
        disk_close(r->disk);
        mem_free(r);
        return err;
    }
    map_init(&r->tracks, RECORD_TRACKS_MAX);
    slate_init(&r->slate);
    master_init(&r->master);
    open_lanes(r);
    struct frag_cfg frag = frag_cfg(r, RENDITION_AUDIO, SOUND_PART_DIV);
    err = sound_open(&r->sound, &frag, r->take.base_ms * 1000, cfg->segment_ms * 1000);
    if (err) {
        record_close(r);
        return err;
    }
    if (cfg->ear_fd > 0)
        sound_listen(&r->sound, cfg->ear_fd);
    open_tongues(r);
    write_master(r);
    *out = r;
    return 0;
}
static void drop_source(struct record *r, size_t i) {
    map_drop(&r->tracks, r->sources[i]->track);
    source_close(r->sources[i]);
    r->sources[i] = NULL;
    if (r->members[i])
        r->members[i]->users--;
    r->members[i] = NULL;
}
void record_close(struct record *r) {
    if (!r)
        return;
    for (size_t i = 0; i < RECORD_TRACKS_MAX; i++)
        if (r->sources[i])
            drop_source(r, i);
    map_fini(&r->tracks);
    lane_fini(&r->program);
    lane_fini(&r->screen);
    sound_close(&r->sound);
    slate_fini(&r->slate);
    disk_close(r->disk);
    mem_free(r);
}

static void on_picture(void *arg, struct source *s, int64_t at_us, const struct picture *p) {
    struct record *r = arg;
    lane_put(&r->program, s->track, at_us, p, r->now_us);
    lane_put(&r->screen, s->track, at_us, p, r->now_us);
}
static void on_pcm(void *arg, struct source *s, int64_t at_us, const int16_t *pcm, size_t n) {
    struct record *r = arg;
    if (s->interprets)
        sound_voice(&r->sound, s->track, &s->in, at_us, pcm, n);
    else
        sound_put(&r->sound, &s->in, at_us, pcm, n);
}
static struct member *find_member(struct record *r, struct str name) {
    struct member *free_one = NULL;
    if (!name.n || name.n >= RECORD_MEMBER_BYTES)
        return NULL;
    for (size_t i = 0; i < RECORD_MEMBERS_MAX; i++) {
        struct member *m = &r->clocks[i];
        if (m->users && str_is(name, m->name))
            return m;
        if (!m->users && !free_one)
            free_one = m;
    }
    if (free_one) {
        *free_one = (struct member){0};
        STR_COPY(free_one->name, name);
    }
    return free_one;
}
static void update_shown(struct record *r) {
    for (size_t i = 0; i < RECORD_TRACKS_MAX; i++) {
        struct source *s = r->sources[i];
        if (s && s->codec != FRAME_OPUS)
            source_shown(s, lane_uses(&r->program, s->track) || lane_uses(&r->screen, s->track));
    }
}
void record_track(struct record *r, uint32_t track, enum source_kind kind, enum frame_codec codec,
                  struct str member) {
    struct source_ops ops = {.arg = r, .on_picture = on_picture, .on_pcm = on_pcm};
    size_t i = 0;
    while (i < RECORD_TRACKS_MAX && r->sources[i])
        i++;
    if (!track || map_get(&r->tracks, track) || i == RECORD_TRACKS_MAX ||
        source_open(&r->sources[i], track, kind, codec, &ops)) {
        LOG_WARN("track not taken track=%u", track);
        return;
    }
    struct source *s = r->sources[i];
    s->media_offset_us = r->offset_us;
    r->members[i] = find_member(r, member);
    if (r->members[i]) {
        r->members[i]->users++;
        s->member = &r->members[i]->clock;
    }
    map_put(&r->tracks, track, s);
    update_shown(r);
}
void record_interpreter(struct record *r, uint32_t track, struct str member) {
    record_track(r, track, SOURCE_MIC, FRAME_OPUS, member);
    struct source *s = map_get(&r->tracks, track);
    if (s)
        s->interprets = true;
}
static void set_now(struct record *r, int64_t local_us) {
    int64_t now = local_us + r->offset_us;
    r->now_us = now > r->now_us ? now : r->now_us;
}
static void end_track(struct record *r, uint32_t track) {
    for (unsigned i = 0; i < r->sound.tongues_n; i++)
        if (r->sound.tongues[i]->track == track)
            tongue_air(r->sound.tongues[i], 0);
    lane_gone(&r->program, track, r->now_us);
    lane_gone(&r->screen, track, r->now_us);
}
void record_untrack(struct record *r, uint32_t track, int64_t now_us) {
    set_now(r, now_us);
    for (size_t i = 0; i < RECORD_TRACKS_MAX; i++)
        if (r->sources[i] && r->sources[i]->track == track) {
            source_tick(r->sources[i], INT64_MAX / 2);
            end_track(r, track);
            drop_source(r, i);
        }
}
void record_choose(struct record *r, bool screen, uint32_t track, int64_t now_us) {
    set_now(r, now_us);
    lane_want(screen ? &r->screen : &r->program, track, r->now_us);
    update_shown(r);
}
/* Of a track that is gone nothing comes any more, whoever names it. */
void record_air(struct record *r, struct str lang, uint32_t track) {
    const struct source *s = map_get(&r->tracks, track);
    sound_air(&r->sound, lang, s && s->interprets && !s->gone ? track : 0);
}
void record_frame(struct record *r, const struct frame *f) {
    set_now(r, f->arrival_us);
    struct source *s = map_get(&r->tracks, f->track);
    if (f->kind == FRAME_GONE) {
        end_track(r, f->track);
        if (s)
            s->gone = true;
        return;
    }
    if (s)
        source_put(s, f);
}
static void ask(struct record *r, struct source *s, uint32_t program_key, uint32_t screen_key) {
    bool wanted = s->track == program_key || s->track == screen_key;
    if (source_ask(s, wanted, r->now_us))
        r->cfg.ask_key(r->cfg.arg, s->track);
}
void record_tick(struct record *r, int64_t now_us) {
    set_now(r, now_us);
    uint32_t on[] = {r->program.on, r->screen.on};
    for (size_t i = 0; i < RECORD_TRACKS_MAX; i++)
        if (r->sources[i])
            source_tick(r->sources[i], now_us);
    lane_tick(&r->program, r->now_us);
    lane_tick(&r->screen, r->now_us);
    sound_tick(&r->sound, r->now_us);
    if (on[0] != r->program.on || on[1] != r->screen.on)
        update_shown(r);
    uint32_t program_key = lane_key_wanted(&r->program, r->now_us),
             screen_key = lane_key_wanted(&r->screen, r->now_us);
    for (size_t i = 0; i < RECORD_TRACKS_MAX; i++)
        if (r->sources[i] && r->sources[i]->codec != FRAME_OPUS)
            ask(r, r->sources[i], program_key, screen_key);
}
int record_stop(struct record *r, int64_t now_us, bool torn, int64_t *end_ms) {
    enum { QUANTUM_US = SOUND_QUANTUM_MS * 1000 };
    set_now(r, now_us);
    for (size_t i = 0; i < RECORD_TRACKS_MAX; i++)
        if (r->sources[i])
            source_tick(r->sources[i], INT64_MAX / 2);
    int64_t base_us = r->take.base_ms * 1000, last = r->now_us;
    const struct lane *lanes[] = {&r->program, &r->screen};
    for (size_t i = 0; i < countof(lanes); i++)
        if (lane_last_us(lanes[i]) >= last)
            last = lane_last_us(lanes[i]) + 1;
    int64_t quanta = (last - base_us + QUANTUM_US - 1) / QUANTUM_US;
    int64_t end_us = base_us + (quanta ? quanta : 1) * QUANTUM_US;
    lane_stop(&r->program, end_us);
    lane_stop(&r->screen, end_us);
    sound_stop(&r->sound, end_us);
    int err = disk_flush(r->disk);
    *end_ms = end_us / 1000;
    return err ? err : takes_end(r->cfg.dir, r->take.take, *end_ms, torn);
}
int record_status(struct record *r, const char **why) { return disk_status(r->disk, why); }
int record_fd(const struct record *r) { return disk_fd(r->disk); }
uint32_t record_take(const struct record *r) { return r->take.take; }
bool record_gap(const struct record *r) { return r->take.gap; }
int64_t record_base_ms(const struct record *r) { return r->take.base_ms; }
int64_t record_duration_ms(const struct record *r) {
    return (int64_t)(r->sound.frag.part_at * 1000 / FMP4_AUDIO_HZ);
}
struct sound *record_sound(struct record *r) {
    return &r->sound;
}
uint64_t record_bytes(struct record *r) { return disk_bytes(r->disk); }
