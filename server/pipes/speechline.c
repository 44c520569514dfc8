#include "server/pipes/speechline.h"

#include <string.h>

#include "media/base/err.h"
#include "media/base/json.h"
#include "server/rooms/captions.h"

static int read(struct speechline *out, const struct json *j) {
    struct str text = {"", 0}, lang = {"", 0};
    *out = (struct speechline){.at_ms = -1, .is_final = true};
    if (!json_is_object(j) || !json_get_str(j, "text", &text) || !room_text_ok(text) ||
        room_chars(text) > SPEECH_TEXT_CHARS)
        return -ERR_INVALID;
    if (json_get(j, "at_ms") &&
        (!json_get_int(j, "at_ms", &out->at_ms) || out->at_ms < 0 || out->at_ms > SPEECHLINE_AT_MAX_MS))
        return -ERR_INVALID;
    if (json_get(j, "final") && !json_get_bool(j, "final", &out->is_final))
        return -ERR_INVALID;
    if (json_get(j, "lang") &&
        (!json_get_str(j, "lang", &lang) || !captions_lang_ok(lang) || !STR_COPY(out->lang, lang)))
        return -ERR_INVALID;
    for (size_t i = 0; i < text.n; i++) /* a caption is one line */
        out->text[out->n++] = (unsigned char)text.p[i] < 0x20 ? ' ' : text.p[i];
    return 0;
}

int speechline_parse(struct speechline *out, struct str line) {
    struct json *j = NULL;
    if (json_parse(&j, line) < 0)
        return -ERR_INVALID;
    int err = read(out, j);
    json_free(j);
    return err;
}

static bool is_inside(char c) { return ((unsigned char)c & 0xC0) == 0x80; }

bool speechline_cut(struct str *rest, struct str *out) {
    while (rest->n && rest->p[0] == ' ') {
        rest->p++;
        rest->n--;
    }
    size_t n = 0, space = 0, chars = 0;
    while (n < rest->n && (is_inside(rest->p[n]) || chars < ROOM_LINE_CHARS)) {
        chars += !is_inside(rest->p[n]);
        if (rest->p[n] == ' ')
            space = n;
        n++;
    }
    if (n < rest->n && rest->p[n] != ' ' && space)
        n = space;
    *out = (struct str){rest->p, n};
    rest->p += n;
    rest->n -= n;
    while (out->n && out->p[out->n - 1] == ' ')
        out->n--;
    return out->n > 0;
}
