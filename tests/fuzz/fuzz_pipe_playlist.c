/* Any text as a playlist: entries lie inside, and what is good reads the same again. */
#include <stdlib.h>
#include "media/pipeline/playlist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(struct playlist_rd *r, struct str text) {
    struct playlist_entry e = {0};
    struct playlist_name name;
    char again[PLAYLIST_URI_MAX];
    size_t n = 0;
    playlist_open(r, text);
    while (playlist_next(r, &e)) {
        if (e.uri.p < text.p || e.uri.p + e.uri.n > text.p + text.n || r->good > text.n)
            abort();
        if (playlist_name_parse(&name, e.uri)) {
            struct playlist_name back;
            playlist_name(again, &name);
            if (!playlist_name_parse(&back, str_of(again)) || back.n != name.n || back.run != name.run ||
                strcmp(back.lang, name.lang) != 0)
                abort();
        }
        char lang[PLAYLIST_LANG_MAX + 1];
        if (playlist_lang_parse(lang, e.uri)) {
            playlist_lang_file(again, lang);
            if (!str_is(e.uri, again))
                abort();
        }
        n++;
    }
    return n;
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct playlist_rd r;
    struct str text = {(const char *)data, size};
    size_t n = count(&r, text);
    if (count(&r, (struct str){text.p, r.good}) != n)
        abort();
    return 0;
}
