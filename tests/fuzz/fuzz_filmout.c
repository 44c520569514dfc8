/* What ffprobe and ffmpeg say of a hostile video: lines of either, then, behind a NUL, a playlist. */
#include <stdint.h>

#include "server/jobs/filmout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_plan(const struct filmout *f) {
    const struct filmout_stream *v = &f->video;
    bool fine = filmout_judge(f) == UPLOAD_FINE;
    if (fine && (!v->is_there || !v->width || !v->height || v->width > FILMOUT_SIDE_MAX ||
                 v->height > FILMOUT_SIDE_MAX || f->length_ms > FILMOUT_LENGTH_MAX_MS || f->length_ms < 0))
        __builtin_trap();
    if (filmout_may_copy_video(f) && (v->is_turned || v->width > FILMOUT_COPY_LONG || !f->bps))
        __builtin_trap();
    if (filmout_may_copy_audio(f) && (f->audio.channels > 2 || !f->audio.is_there))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct filmout f = {.length_ms = 0};
    struct str all = {(const char *)data, size}, lines = {"", 0}, line;
    int64_t ms = 0, longest = 0;
    (void)str_until(&all, 0, &lines);
    while (str_until(&lines, '\n', &line)) {
        filmout_line(&f, line);
        if (filmout_progress(line, &ms) && ms < 0)
            __builtin_trap();
    }
    check_plan(&f);
    if (filmout_list(all, &ms, &longest) && (ms <= 0 || longest < 0 || longest > ms))
        __builtin_trap();
    return 0;
}
