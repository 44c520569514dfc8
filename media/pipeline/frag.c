#include "media/pipeline/frag.h"

void frag_init(struct frag *f, const struct frag_cfg *cfg) {
    *f = (struct frag){.cfg = *cfg,
                       .name = {.letter = cfg->letter, .take = cfg->take, .run = cfg->first_run - 1}};
    buf_init(&f->data, FRAG_PART_BYTES);
}
void frag_fini(struct frag *f) { buf_fini(&f->data); }

static int64_t us(const struct frag *f, uint64_t ticks) {
    return (int64_t)(ticks * 1000000 / f->cfg.timescale);
}

static void flush_part(struct frag *f) {
    if (!f->count)
        return;
    struct buf b;
    char name[PLAYLIST_URI_MAX];
    buf_init(&b, FRAG_PART_BYTES + (FRAG_PART_SAMPLES << 4) + 256);
    if (f->part_at == f->segment_at)
        fmp4_segment_type(&b);
    fmp4_part(&b, f->kind, ++f->seq, f->part_at, f->samples, f->count);
    buf_put(&b, f->data.p, f->data.n);
    playlist_name(name, &f->name);
    bool sync = us(f, f->end - f->synced_at) >= FRAG_SYNC_US;
    if (sync)
        f->synced_at = f->end;
    disk_part(f->cfg.disk, f->cfg.slot, name, &b, sync);
    f->count = 0;
    f->part_at = f->end;
    buf_reset(&f->data);
}
static void put_in_list(struct frag *f) {
    struct buf b;
    char uri[PLAYLIST_URI_MAX];
    buf_init(&b, 1024);
    if (!f->cfg.listed)
        playlist_head(&b, f->cfg.target_s);
    if (f->new_run) {
        struct playlist_name init = f->name;
        init.n = 0;
        playlist_name(uri, &init);
        playlist_run(&b, uri, f->cfg.wall_ms + us(f, f->run_at) / 1000, !f->cfg.listed);
    }
    playlist_name(uri, &f->name);
    playlist_segment(&b, uri, us(f, f->end) - us(f, f->segment_at));
    if (f->cfg.also)
        buf_put(f->cfg.also, b.p, b.n);
    disk_list(f->cfg.disk, f->cfg.slot, f->cfg.list, &b);
    f->cfg.listed = true;
    f->new_run = false;
}
void frag_cut(struct frag *f) {
    if (!f->segment_open)
        return;
    flush_part(f);
    f->segment_open = false;
    f->end_listed = f->end;
    if (f->cfg.list)
        put_in_list(f);
}
void frag_run(struct frag *f, uint64_t at, const struct fmp4_track *t) {
    struct buf b;
    char name[PLAYLIST_URI_MAX];
    frag_cut(f);
    f->kind = t->kind;
    f->in_run = f->new_run = true;
    f->run_at = f->end = at;
    f->name.run++;
    struct playlist_name init = f->name;
    init.n = 0;
    playlist_name(name, &init);
    buf_init(&b, FMP4_INIT_MAX);
    fmp4_init(&b, t);
    disk_file(f->cfg.disk, name, &b);
}
void frag_resume(struct frag *f, const struct playlist_name *name, enum fmp4_kind kind, uint64_t at) {
    f->name = *name;
    f->kind = kind;
    f->in_run = true;
    f->run_at = f->end = at;
}
void frag_sample(struct frag *f, uint32_t dur, bool sync, struct bytes data) {
    if (!f->in_run || data.n > FRAG_PART_BYTES)
        return;
    int64_t grown = us(f, f->end + dur) - us(f, f->part_at);
    if (f->count &&
        (grown > f->cfg.part_us || f->count == FRAG_PART_SAMPLES || f->data.n + data.n > FRAG_PART_BYTES))
        flush_part(f);
    if (!f->segment_open) {
        f->segment_open = true;
        f->segment_at = f->part_at = f->end;
        f->name.n++;
    }
    if (!f->count)
        f->part_at = f->end;
    f->samples[f->count++] = (struct fmp4_sample){.dur = dur, .size = (uint32_t)data.n, .sync = sync};
    buf_put(&f->data, data.p, data.n);
    f->end += dur;
}
