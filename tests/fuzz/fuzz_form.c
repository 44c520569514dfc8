/* Any JSON as a form's questions and answers ("questions" and "answers" of one object): what is read is
 * written and read the same; what is answered holds nothing but what was asked. */
#include <stdlib.h>

#include "server/catalogue/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct json *j, *out = NULL;
    static struct form f, again;
    size_t bad;
    if (json_parse(&j, (struct str){(const char *)data, size}))
        return 0;
    if (!form_read(&f, json_get(j, "questions"))) {
        struct json *doc = form_doc(&f);
        if (form_read(&again, doc) || again.n != f.n)
            abort();
        if (!form_answer(&f, json_get(j, "answers"), &out, &bad)) {
            void *it = NULL;
            struct str key;
            struct json *value;
            for (size_t n = 0; json_each(out, &it, &key, &value); n++)
                if (n >= f.n)
                    abort();
            json_free(out);
        } else if (bad >= f.n) {
            abort();
        }
        json_free(doc);
    }
    json_free(j);
    return 0;
}
