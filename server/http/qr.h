/* qr — a text as a QR code, drawn as SVG: black on white whatever the page's colours, with its quiet zone.
 * Hides libqrencode. Pure. Thread: any. Limits: QR_TEXT_MAX. */
#ifndef QR_H
#define QR_H
#include "media/base/buf.h"

enum { QR_TEXT_MAX = 512 };

int qr_svg(struct buf *out, const char *text); /* -ERR_TOO_LARGE */

#endif
