#include "server/jobs/filmout.h"

enum { SECONDS_MAX = 1000 * 3600 };

/* "12.004717" as milliseconds, rounded down; "N/A" and what is negative is none. */
static bool seconds(struct str text, int64_t *ms) {
    struct str whole;
    uint64_t s, part = 0;
    if (!str_until(&text, '.', &whole) || str_u64(whole, SECONDS_MAX, &s))
        return false;
    for (size_t i = 0; i < 3; i++) {
        char c = i < text.n ? text.p[i] : '0';
        if (c < '0' || c > '9')
            return false;
        part = part * 10 + (uint64_t)(c - '0');
    }
    *ms = (int64_t)(s * 1000 + part);
    return true;
}

static void end_stream(struct filmout *f) {
    struct filmout_stream *s = str_is(str_of(f->now.kind), "video") && !f->now.is_cover ? &f->video
                               : str_is(str_of(f->now.kind), "audio")                   ? &f->audio
                                                                                        : NULL;
    if (s && !s->is_there) {
        *s = f->now;
        s->is_there = true;
    }
}

static void word(char dst[FILMOUT_WORD_MAX], struct str value) {
    if (!str_copy(dst, FILMOUT_WORD_MAX, value))
        dst[0] = 0;
}

static void number(uint64_t *out, struct str value, uint64_t max) {
    if (str_u64(value, max, out))
        *out = 0;
}

void filmout_line(struct filmout *f, struct str line) {
    struct str name, value = line;
    struct filmout_stream *s = &f->now;
    if (str_is(line, "[STREAM]"))
        *s = (struct filmout_stream){.index = 0};
    if (str_is(line, "[/STREAM]"))
        end_stream(f);
    if (!str_until(&value, '=', &name) || name.n == line.n)
        return;
    if (str_is(name, "index"))
        number(&s->index, value, 1000);
    else if (str_is(name, "codec_type"))
        word(s->kind, value);
    else if (str_is(name, "codec_name"))
        word(s->codec, value);
    else if (str_is(name, "profile"))
        word(s->profile, value);
    else if (str_is(name, "pix_fmt"))
        word(s->pixels, value);
    else if (str_is(name, "width"))
        number(&s->width, value, UINT32_MAX);
    else if (str_is(name, "height"))
        number(&s->height, value, UINT32_MAX);
    else if (str_is(name, "channels"))
        number(&s->channels, value, 1000);
    else if (str_is(name, "sample_rate"))
        number(&s->rate, value, UINT32_MAX);
    else if (str_is(name, "rotation"))
        s->is_turned = !str_is(value, "0");
    else if (str_is(name, "DISPOSITION:attached_pic"))
        s->is_cover = str_is(value, "1");
    else if (str_is(name, "duration"))
        (void)seconds(value, &f->length_ms);
    else if (str_is(name, "bit_rate"))
        number(&f->bps, value, UINT64_MAX / 2);
}

static bool is_one(const char *word_, const char *const *words) {
    while (*words && strcmp(word_, *words) != 0)
        words++;
    return *words != NULL;
}

enum upload_why filmout_judge(const struct filmout *f) {
    const struct filmout_stream *v = &f->video;
    if (!v->is_there)
        return f->audio.is_there ? UPLOAD_PICTURE : UPLOAD_BROKEN;
    if (!v->codec[0] || !strcmp(v->codec, "unknown"))
        return UPLOAD_CODEC;
    if (!v->width || !v->height)
        return UPLOAD_BROKEN;
    if (v->width > FILMOUT_SIDE_MAX || v->height > FILMOUT_SIDE_MAX)
        return UPLOAD_HEAVY;
    return f->length_ms > FILMOUT_LENGTH_MAX_MS ? UPLOAD_LONG : UPLOAD_FINE;
}

bool filmout_may_copy_video(const struct filmout *f) {
    static const char *const profiles[] = {"Constrained Baseline", "Baseline", "Main", "High", NULL};
    static const char *const pixels[] = {"yuv420p", "yuvj420p", NULL};
    const struct filmout_stream *v = &f->video;
    uint64_t longer = v->width > v->height ? v->width : v->height,
             shorter = v->width > v->height ? v->height : v->width;
    return !strcmp(v->codec, "h264") && is_one(v->profile, profiles) && is_one(v->pixels, pixels) &&
           longer <= FILMOUT_COPY_LONG && shorter <= FILMOUT_COPY_SHORT && !v->is_turned && f->bps &&
           f->bps <= FILMOUT_COPY_BPS;
}

bool filmout_may_copy_audio(const struct filmout *f) {
    const struct filmout_stream *s = &f->audio;
    return !strcmp(s->codec, "aac") && !strcmp(s->profile, "LC") && s->channels >= 1 && s->channels <= 2 &&
           (s->rate == 44100 || s->rate == 48000);
}

bool filmout_progress(struct str line, int64_t *ms) {
    struct str name;
    uint64_t us;
    if (!str_until(&line, '=', &name) || !str_is(name, "out_time_us") || str_u64(line, UINT64_MAX / 2, &us))
        return false;
    *ms = (int64_t)(us / 1000);
    return true;
}

bool filmout_list(struct str text, int64_t *length_ms, int64_t *longest_ms) {
    struct str line, name, span;
    bool is_whole = false;
    *length_ms = *longest_ms = 0;
    while (str_until(&text, '\n', &line)) {
        int64_t ms;
        is_whole = str_is(line, "#EXT-X-ENDLIST");
        if (!str_until(&line, ':', &name) || !str_is(name, "#EXTINF") || !str_until(&line, ',', &span) ||
            !seconds(span, &ms) || *length_ms > FILMOUT_LENGTH_MAX_MS * 2LL)
            continue;
        *length_ms += ms;
        *longest_ms = ms > *longest_ms ? ms : *longest_ms;
    }
    return is_whole && *length_ms > 0;
}
