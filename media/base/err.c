#include "media/base/err.h"

struct row {
    const char *wire;
    int http;
    const char *text;
};

static const struct row rows[ERR_COUNT] = {
    [ERR_NONE] = {"ok", 200, "ok"},
#define X(name, wire, http, text) [ERR_##name] = {wire, http, text},
#include "media/base/err.def"
#undef X
};

static const struct row *row_of(int err) {
    if (err <= -ERR_COUNT || err >= ERR_COUNT)
        return &rows[ERR_IO];
    return &rows[err < 0 ? -err : err];
}

const char *err_wire(int err) { return row_of(err)->wire; }

int err_http(int err) { return row_of(err)->http; }

const char *err_text(int err) { return row_of(err)->text; }
