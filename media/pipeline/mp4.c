#include "media/pipeline/mp4.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>
#include "media/base/err.h"
#include "media/base/fd.h"
#include "media/base/mem.h"
#include "media/pipeline/reel.h"
#include "media/pipeline/tonguename.h"

enum { TRACKS_MAX = 2 + TONGUES_MAX, MOOV_MAX = 512 << 20, WRITE_BYTES = 1 << 20 };

struct sample {
    uint32_t dur, size;
    bool sync;
};
struct chunk {
    uint64_t offset; /* from the start of mdat's payload */
    uint32_t count, entry;
};
struct mp4_track {           /* one track's tables */
    struct fmp4_track first; /* size and timescale; config is not used */
    struct buf entries[MP4_ENTRIES_MAX];
    uint32_t entries_n, entry;
    struct sample *samples;
    size_t n, cap;
    struct chunk *chunks;
    size_t chunks_n, chunks_cap;
    uint64_t end, dur; /* ticks: where the next sample is due; sum */
};
struct mp4 {
    struct mp4_track tracks[TRACKS_MAX]; /* video, audio, languages */
    unsigned tracks_n;
    uint64_t bytes;
};
/* Samples of all reels in the order in which they are stored: a second of pictures, a second of sound, … */
struct weave {
    struct reel *reels[TRACKS_MAX];
    struct reel_sample next[TRACKS_MAX];
    bool has[TRACKS_MAX];
    unsigned n;
    uint64_t second;
    unsigned turn;
};
static void advance(struct weave *w, unsigned i) {
    w->has[i] = w->reels[i] && reel_next(w->reels[i], &w->next[i]);
}

static int weave_open(struct weave *w, const struct mp4_job *job) {
    *w = (struct weave){.n = 2 + job->langs_n};
    int err = reel_open(&w->reels[0], job->video_dir, RENDITION_PROGRAM);
    if (!err)
        err = reel_open(&w->reels[1], job->audio_dir, RENDITION_AUDIO);
    for (unsigned i = 0; !err && i < job->langs_n; i++)
        err = reel_open_tongue(&w->reels[2 + i], job->audio_dir, job->langs[i]);
    for (unsigned i = 0; !err && i < w->n; i++)
        advance(w, i);
    return err;
}
static void weave_close(struct weave *w) {
    for (unsigned i = 0; i < w->n; i++)
        reel_close(w->reels[i]);
}
/* The track whose sample is next (w->next[track]), or -1. `begins`: another chunk begins with it. */
static int weave_turn(struct weave *w, bool *begins) {
    *begins = false;
    unsigned left = 0;
    for (unsigned i = 0; i < w->n; i++)
        left += w->has[i];
    while (left) {
        unsigned i = w->turn;
        if (w->has[i] && w->next[i].at < (w->second + 1) * reel_timescale(w->reels[i]))
            return (int)i;
        *begins = true;
        w->turn = (i + 1) % w->n;
        if (!w->turn)
            w->second++;
    }
    return -1;
}

static void note_entry(struct mp4_track *t, const struct fmp4_track *track) {
    struct buf b;
    buf_init(&b, FMP4_INIT_MAX);
    fmp4_entry(&b, track);
    if (!t->entries_n)
        t->first = *track;
    for (t->entry = 1; t->entry <= t->entries_n; t->entry++) {
        const struct buf *e = &t->entries[t->entry - 1];
        if (e->n == b.n && !memcmp(e->p, b.p, b.n)) {
            buf_fini(&b);
            return;
        }
    }
    if (t->entries_n == MP4_ENTRIES_MAX) { /* parameter sets are in the keyframes too */
        t->entry = MP4_ENTRIES_MAX;
        buf_fini(&b);
        return;
    }
    t->entries[t->entries_n++] = b;
}
static void *grow(void *p, size_t n, size_t *cap, size_t size) {
    if (n < *cap)
        return p;
    *cap = *cap ? *cap * 2 : 4096;
    return mem_realloc(p, *cap * size);
}
/* A hole or an overlap between takes goes to the sample in front of it, so that tracks stay together. */
static void close_hole(struct mp4_track *t, uint64_t at) {
    if (!t->n || at == t->end)
        return;
    struct sample *last = &t->samples[t->n - 1];
    int64_t dur = (int64_t)last->dur + (int64_t)(at - t->end);
    dur = dur < 1 ? 1 : dur > INT32_MAX ? INT32_MAX : dur;
    t->dur += (uint64_t)(dur - last->dur);
    last->dur = (uint32_t)dur;
}
static int note_sample(struct mp4 *m, struct mp4_track *t, const struct reel_sample *s, bool begins) {
    if (t->n == MP4_SAMPLES_MAX)
        return -ERR_TOO_LARGE;
    close_hole(t, s->at);
    if (begins || s->new_run || !t->chunks_n) {
        t->chunks = grow(t->chunks, t->chunks_n, &t->chunks_cap, sizeof *t->chunks);
        t->chunks[t->chunks_n++] = (struct chunk){.offset = m->bytes, .entry = t->entry};
    }
    t->samples = grow(t->samples, t->n, &t->cap, sizeof *t->samples);
    t->samples[t->n++] = (struct sample){.dur = s->dur, .size = (uint32_t)s->data.n, .sync = s->sync};
    t->chunks[t->chunks_n - 1].count++;
    t->end = s->at + s->dur;
    t->dur += s->dur;
    m->bytes += s->data.n;
    return 0;
}
static int read_tables(struct mp4 *m, const struct mp4_job *job) {
    struct weave w;
    bool begins, changed[TRACKS_MAX] = {0};
    int i, err = weave_open(&w, job);
    m->tracks_n = w.n;
    while (!err && (i = weave_turn(&w, &begins)) >= 0) {
        for (unsigned k = 0; k < w.n; k++)
            changed[k] |= begins;
        if (w.next[i].new_run)
            note_entry(&m->tracks[i], reel_track(w.reels[i]));
        err = note_sample(m, &m->tracks[i], &w.next[i], changed[i]);
        changed[i] = false;
        advance(&w, (unsigned)i);
    }
    weave_close(&w);
    return err ? err : m->tracks[0].n && m->tracks[1].n ? 0 : -ERR_MISSING;
}

/* Run-length tables: a count is patched when its run ends. */
static void patch(struct buf *b, size_t at, uint32_t v) {
    for (size_t i = 0; i < 4 && !b->over; i++)
        b->p[at + i] = (uint8_t)(v >> (24 - 8 * i));
}
static void put_stts(struct buf *b, const struct mp4_track *t) {
    size_t at = box_open_full(b, "stts", 0, 0), count = b->n;
    uint32_t runs = 0;
    box_u32(b, 0);
    for (size_t i = 0; i < t->n; runs++) {
        size_t j = i;
        while (j < t->n && t->samples[j].dur == t->samples[i].dur)
            j++;
        box_u32(b, (uint32_t)(j - i));
        box_u32(b, t->samples[i].dur);
        i = j;
    }
    patch(b, count, runs);
    box_close(b, at);
}
static void put_stss(struct buf *b, const struct mp4_track *t) {
    size_t at = box_open_full(b, "stss", 0, 0), count = b->n;
    uint32_t n = 0;
    box_u32(b, 0);
    for (size_t i = 0; i < t->n; i++)
        if (t->samples[i].sync) {
            box_u32(b, (uint32_t)(i + 1));
            n++;
        }
    patch(b, count, n);
    box_close(b, at);
}
static void put_stsc(struct buf *b, const struct mp4_track *t) {
    size_t at = box_open_full(b, "stsc", 0, 0), count = b->n;
    uint32_t runs = 0;
    box_u32(b, 0);
    for (size_t i = 0; i < t->chunks_n; i++) {
        const struct chunk *c = &t->chunks[i];
        if (i && c->count == c[-1].count && c->entry == c[-1].entry)
            continue;
        box_u32(b, (uint32_t)(i + 1));
        box_u32(b, c->count);
        box_u32(b, c->entry);
        runs++;
    }
    patch(b, count, runs);
    box_close(b, at);
}
static void put_sizes(struct buf *b, const struct mp4_track *t) {
    size_t at = box_open_full(b, "stsz", 0, 0);
    box_u32(b, 0);
    box_u32(b, (uint32_t)t->n);
    for (size_t i = 0; i < t->n; i++)
        box_u32(b, t->samples[i].size);
    box_close(b, at);
}
static void put_offsets(struct buf *b, const struct mp4_track *t, uint64_t base, bool wide) {
    size_t at = box_open_full(b, wide ? "co64" : "stco", 0, 0);
    box_u32(b, (uint32_t)t->chunks_n);
    for (size_t i = 0; i < t->chunks_n; i++) {
        if (wide)
            box_u64(b, base + t->chunks[i].offset);
        else
            box_u32(b, (uint32_t)(base + t->chunks[i].offset));
    }
    box_close(b, at);
}
static void put_track(struct buf *b, const struct mp4_track *t, uint32_t id, uint64_t base, bool wide) {
    size_t trak = box_open(b, "trak");
    box_tkhd(b, &t->first, id, t->dur * 1000 / t->first.timescale);
    size_t mdia = box_open(b, "mdia");
    box_media_head(b, &t->first, t->dur);
    size_t minf = box_open(b, "minf");
    box_media_info(b, t->first.kind);
    size_t stbl = box_open(b, "stbl");
    size_t stsd = box_open_full(b, "stsd", 0, 0);
    box_u32(b, t->entries_n);
    for (uint32_t i = 0; i < t->entries_n; i++)
        buf_put(b, t->entries[i].p, t->entries[i].n);
    box_close(b, stsd);
    put_stts(b, t);
    if (t->first.kind == FMP4_VIDEO)
        put_stss(b, t);
    put_stsc(b, t);
    put_sizes(b, t);
    put_offsets(b, t, base, wide);
    box_close(b, stbl);
    box_close(b, minf);
    box_close(b, mdia);
    box_close(b, trak);
}
static void put_head(struct buf *b, const struct mp4 *m, uint64_t base, bool wide) {
    size_t at = box_open(b, "ftyp");
    buf_z(b, "isom");
    box_u32(b, 0x200);
    buf_z(b, "isomiso2avc1mp41");
    box_close(b, at);
    at = box_open(b, "moov");
    uint64_t dur_ms = 0;
    for (unsigned i = 0; i < m->tracks_n; i++) {
        uint64_t ms = m->tracks[i].dur * 1000 / m->tracks[i].first.timescale;
        dur_ms = ms > dur_ms ? ms : dur_ms;
    }
    box_mvhd(b, dur_ms, m->tracks_n + 1);
    for (unsigned i = 0; i < m->tracks_n; i++)
        put_track(b, &m->tracks[i], i + 1, base, wide);
    box_close(b, at);
    box_u32(b, wide ? 1 : (uint32_t)(m->bytes + 8));
    buf_z(b, "mdat");
    if (wide)
        box_u64(b, m->bytes + 16);
}

static int write_data(int fd, const struct mp4_job *job, uint64_t all) {
    struct weave w;
    struct buf b;
    bool begins;
    uint64_t done = 0;
    int i, err = weave_open(&w, job);
    buf_init(&b, WRITE_BYTES + (8 << 20));
    while (!err && (i = weave_turn(&w, &begins)) >= 0) {
        buf_put(&b, w.next[i].data.p, w.next[i].data.n);
        done += w.next[i].data.n;
        if (b.n >= WRITE_BYTES) {
            err = b.over ? -ERR_TOO_LARGE : fd_write_all(fd, (struct bytes){b.p, b.n});
            buf_reset(&b);
            if (job->on_progress)
                job->on_progress(job->arg, done, all);
        }
        advance(&w, (unsigned)i);
    }
    if (!err)
        err = b.over ? -ERR_TOO_LARGE : fd_write_all(fd, (struct bytes){b.p, b.n});
    buf_fini(&b);
    weave_close(&w);
    return !err && done != all ? -ERR_IO : err;
}
static int write_file(const struct mp4 *m, const struct mp4_job *job) {
    char part[PATH_MAX];
    struct buf head;
    bool wide = m->bytes > 0xf0000000u;
    if (snprintf(part, sizeof part, "%s.part", job->out) >= (int)sizeof part)
        return -ERR_TOO_LARGE;
    buf_init(&head, MOOV_MAX);
    put_head(&head, m, 0, wide); /* its length does not depend on the offsets */
    uint64_t base = head.n;
    buf_reset(&head);
    put_head(&head, m, base, wide);
    int fd = head.over ? -1 : open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int err = fd < 0 ? -ERR_IO : fd_write_all(fd, (struct bytes){head.p, head.n});
    buf_fini(&head);
    if (!err)
        err = write_data(fd, job, m->bytes);
    if (!err && fsync(fd))
        err = -ERR_IO;
    if (fd >= 0)
        close(fd);
    if (!err && rename(part, job->out))
        err = -ERR_IO;
    if (err)
        unlink(part);
    return err;
}
int mp4_write(const struct mp4_job *job) {
    struct mp4 *m = mem_zalloc(sizeof *m);
    int err = read_tables(m, job);
    /* what the first entry looked at is gone; the tables need size, kind and timescale of it only */
    for (unsigned i = 0; i < m->tracks_n; i++) {
        struct fmp4_track *t = &m->tracks[i].first;
        t->config = (struct bytes){0};
        t->lang = i > 1 ? job->langs[i - 2] : NULL;
        t->further = i > 1;
        t->name = i > 1 ? str_of(tongue_name(t->lang)) : i ? STR("audio") : STR("video");
    }
    if (!err)
        err = write_file(m, job);
    for (unsigned i = 0; i < m->tracks_n; i++) {
        for (uint32_t k = 0; k < m->tracks[i].entries_n; k++)
            buf_fini(&m->tracks[i].entries[k]);
        mem_free(m->tracks[i].samples);
        mem_free(m->tracks[i].chunks);
    }
    mem_free(m);
    return err;
}
