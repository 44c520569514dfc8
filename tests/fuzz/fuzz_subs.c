/* Captions files: whatever is taken is within its limits and, written as WebVTT, read as the same again. */
#include <stdint.h>
#include <string.h>

#include "server/catalogue/subs.h"
#include "server/catalogue/vtt.h"
#include "server/rooms/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok) {
    if (!ok)
        __builtin_trap();
}

static bool next(struct subs *p, struct subs_cue *c) {
    int rc = subs_next(p, c);
    must(rc >= 0 || p->fault != SUBS_OK);
    return rc > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct subs_cue c, again;
    struct subs p, q;
    struct vtt v;
    struct str file = {(const char *)data, size};
    if (subs_open(&p, file)) {
        must(p.fault != SUBS_OK);
        return 0;
    }
    vtt_begin(&v, "uk");
    while (next(&p, &c)) {
        struct str text = {c.text, c.n};
        must(c.start_ms >= 0 && c.end_ms > c.start_ms && c.n && c.n <= SUBS_CUE_MAX);
        must(str_utf8_ok(text) && room_chars(text) <= SUBS_CUE_CHARS);
        must(c.text[0] != '\n' && c.text[c.n - 1] != '\n' && !memmem(c.text, c.n, "\n\n", 2));
        vtt_put(&v, p.cues, (struct vtt_span){c.start_ms, c.end_ms}, text);
    }
    vtt_end(&v);
    bool is_whole = p.fault == SUBS_OK && !v.left_out;
    must(!is_whole || subs_open(&q, buf_view(&v.text)) == 0);
    (void)subs_open(&p, file);
    while (is_whole && next(&p, &c)) {
        must(next(&q, &again) && c.start_ms == again.start_ms && c.end_ms == again.end_ms);
        must(c.n == again.n && !memcmp(c.text, again.text, c.n));
    }
    vtt_free(&v);
    return 0;
}
