/* form — the own questions of a registration and their answers, both as JSON out of strangers' hands: read
 * strictly, written anew in one form. Pure; text lives in the JSON it was read from. Limits: enumerators. */
#ifndef FORM_H
#define FORM_H
#include "media/base/json.h"

enum {
    FORM_QUESTIONS_MAX = 10,
    FORM_OPTIONS_MAX = 20,
    FORM_ID_MAX = 8,
    FORM_LABEL_CHARS = 200,
    FORM_OPTION_CHARS = 100,
    FORM_ANSWER_CHARS = 1000
};
enum form_kind { FORM_TEXT, FORM_CHOICE, FORM_YESNO, FORM_KIND_COUNT };

struct form_question {
    struct str id, label;
    enum form_kind kind;
    bool needed;
    struct str options[FORM_OPTIONS_MAX];
    size_t n_options;
};
struct form {
    struct form_question v[FORM_QUESTIONS_MAX];
    size_t n;
};

/* [{"id","kind":"text|choice|yesno","label","needed","options":[…]}…]; NULL is no question. -ERR_INVALID. */
int form_read(struct form *out, const struct json *questions);
struct json *form_doc(const struct form *f); /* the caller's */
/* {"<id>": text | option | true/false}: what is asked and nothing else, into *out, the caller's. -ERR_INVALID
 * with *bad the question that is not answered as it must be. */
int form_answer(const struct form *f, const struct json *answers, struct json **out, size_t *bad);

#endif
