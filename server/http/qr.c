#include "server/http/qr.h"

#include <qrencode.h>

#include "media/base/err.h"

int qr_svg(struct buf *out, const char *text) {
    enum { QUIET = 4 }; /* ISO/IEC 18004: four modules on all sides */
    QRcode *code = strlen(text) > QR_TEXT_MAX ? NULL : QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!code)
        return -ERR_TOO_LARGE;
    int side = code->width + 2 * QUIET;
    buf_printf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
        "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
        side, side, side, side);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++) {
            int run = 0;
            while (x + run < code->width && code->data[y * code->width + x + run] & 1)
                run++;
            if (run)
                buf_printf(out, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
            x += run;
        }
    buf_z(out, "\"/></svg>\n");
    QRcode_free(code);
    return 0;
}
