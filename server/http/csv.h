/* csv — fields of a table for spreadsheets. Pure but for the server's time zone. */
#ifndef CSV_H
#define CSV_H
#include "media/base/buf.h"

/* RFC 4180 quoting; and a leading apostrophe where a spreadsheet would take a text for a formula. */
void csv_text(struct buf *b, const char *z);
void csv_time(struct buf *b, int64_t at_ms); /* by the server's zone; nothing for 0 */

#endif
