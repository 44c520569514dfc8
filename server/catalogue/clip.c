#include "server/catalogue/clip.h"

#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/catalogue/transcript.h"
#include "server/store/query.h"

int clip_caption_put(struct store *s, const char *clip, const struct clip_caption *c, struct str file,
                     struct subs *p) {
    struct vtt v;
    int err = transcript_read(c->lang, file, p, &v);
    if (!err) {
        struct query *q = query_begin(s, Q_CLIP_CAPTION_PUT);
        query_put_z(q, clip);
        query_put_z(q, c->lang);
        query_put_z(q, c->name);
        query_put_str(q, buf_view(&v.text));
        query_put_int(q, c->at_ms);
        query_put_int(q, VTT_LANGS_MAX);
        int n = query_run(q);
        err = n < 0 ? n : n ? 0 : -ERR_FULL;
    }
    vtt_free(&v);
    return err;
}

int clip_caption_drop(struct store *s, const char *clip, const char *lang) {
    struct query *q = query_begin(s, Q_CLIP_CAPTION_DROP);
    query_put_z(q, clip);
    query_put_z(q, lang);
    int n = query_run(q);
    return n < 0 ? n : n ? 0 : -ERR_MISSING;
}

int clip_captions(struct store *s, const char *clip, struct clip_caption out[VTT_LANGS_MAX]) {
    struct query *q = query_begin(s, Q_CLIP_CAPTION_LIST);
    int n = 0, rc;
    query_put_z(q, clip);
    while ((rc = query_row(q)) > 0 && n < VTT_LANGS_MAX) {
        (void)STR_COPY(out[n].lang, query_get_str(q));
        (void)STR_COPY(out[n].name, query_get_str(q));
        out[n++].at_ms = query_get_int(q);
    }
    query_done(q);
    return rc < 0 ? rc : n;
}

int clip_caption_get(struct store *s, const char *clip, const char *lang, struct buf *text, int64_t *at_ms) {
    struct query *q = query_begin(s, Q_CLIP_CAPTION_GET);
    query_put_z(q, clip);
    query_put_z(q, lang);
    int rc = query_row(q);
    if (rc > 0) {
        buf_str(text, query_get_str(q));
        *at_ms = query_get_int(q);
    }
    query_done(q);
    return rc < 0 ? rc : rc ? 0 : -ERR_MISSING;
}
