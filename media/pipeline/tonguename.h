/* tonguename — what players that know no better call a language, and its code in files that have room for
 * three letters. Pure. */
#ifndef TONGUENAME_H
#define TONGUENAME_H

/* ISO 639-2/T of a BCP 47 code in small letters; "und" when it has none. */
void tongue_iso(char out[4], const char *lang);
/* By its own name; one nobody offers is its code. */
const char *tongue_name(const char *lang);

#endif
