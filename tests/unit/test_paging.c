/* paging: pages out of real PDFs by poppler's programs in their box; what cannot be made says why and leaves
 * nothing; and what the box lets nobody do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "media/base/json.h"
#include "server/jobs/box.h"
#include "server/jobs/paging.h"
#include "server/jobs/pdfout.h"
#include "server/jobs/run.h"
#include "tests/unit/house_rig.h"

static struct house h;

static int setup(void **state) {
    (void)state;
    house_open(&h);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    house_close(&h);
    return 0;
}

/* A PDF of so many pages, written by hand; `more` is put into the trailer. Its cross-references are missing,
 * which every reader mends. */
static void pdf(struct buf *b, int pages, const char *more) {
    buf_init(b, 8 << 20);
    buf_z(b, "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[");
    for (int i = 0; i < pages; i++)
        buf_printf(b, "%d 0 R ", 10 + 2 * i);
    buf_printf(b, "]/Count %d>>endobj\n3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n",
               pages);
    for (int i = 0; i < pages; i++) {
        char text[512];
        int n = snprintf(text, sizeof text, "BT /F 40 Tf 60 180 Td (Page %d) Tj ET", i + 1);
        buf_printf(b,
                   "%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 640 360]/Resources<</Font<</F 3 0 R>>>>"
                   "/Contents %d 0 R>>endobj\n%d 0 obj<</Length %d>>stream\n%s\nendstream endobj\n",
                   10 + 2 * i, 11 + 2 * i, 11 + 2 * i, n, text);
    }
    buf_printf(b, "trailer<</Root 1 0 R%s>>\n%%%%EOF\n", more);
}

static struct upload upload(struct str bytes) {
    struct meeting m = {.join = JOIN_LINK};
    bool whole = false;
    house_meeting(&h, &m);
    struct upload d = {.bytes = (int64_t)bytes.n, .title = "Урок"};
    STR_COPY(d.event, str_of(m.id));
    assert_int_equal(upload_add(h.store, h.dir, &d, HOUSE_NOW_MS), 0);
    struct bytes half = {(const uint8_t *)bytes.p, bytes.n / 2},
                 rest = {(const uint8_t *)bytes.p + bytes.n / 2, bytes.n - bytes.n / 2};
    assert_int_equal(upload_piece(h.store, h.dir, &d, 0, half, &whole), 0);
    assert_false(whole);
    assert_int_equal(upload_received(h.dir, &d), half.n);
    assert_int_equal(upload_piece(h.store, h.dir, &d, 0, half, &whole), -ERR_CONFLICT);
    assert_int_equal(upload_piece(h.store, h.dir, &d, (int64_t)half.n,
                                  (struct bytes){(const uint8_t *)bytes.p, bytes.n}, &whole),
                     -ERR_TOO_LARGE);
    assert_int_equal(upload_piece(h.store, h.dir, &d, (int64_t)half.n, rest, &whole), 0);
    assert_true(whole);
    struct upload leased;
    assert_int_equal(upload_lease(h.store, UPLOAD_SLIDES, &leased), 1);
    assert_string_equal(leased.id, d.id);
    return leased;
}

static int64_t last_percent;
static void note(void *arg, int64_t percent) {
    (void)arg;
    assert_true(percent >= last_percent && percent <= 100);
    last_percent = percent;
}

static int make(const struct upload *d, int stop_fd, const char *bin, int64_t *pages, enum upload_why *why) {
    const struct paging p = {h.dir, bin, d, stop_fd, 2500, note, NULL};
    last_percent = 0;
    return paging_make(&p, pages, why);
}

static size_t files(const struct upload *d) {
    char dir[UPLOAD_DIR_MAX];
    size_t n = 0;
    assert_int_equal(upload_dir(h.dir, d->event, UPLOAD_SLIDES, dir), 0);
    DIR *at = opendir(dir);
    for (struct dirent *e; at && (e = readdir(at));)
        n += e->d_name[0] != '.';
    if (at)
        closedir(at);
    return n;
}

static void pages_are_made(void **state) {
    (void)state;
    struct buf b;
    int64_t pages;
    enum upload_why why;
    pdf(&b, 12, "");
    struct upload d = upload(buf_view(&b));
    buf_fini(&b);
    assert_int_equal(make(&d, -1, "/usr/bin", &pages, &why), 0);
    assert_int_equal(pages, 12);
    assert_int_equal(last_percent, 100);
    assert_int_equal(files(&d), 12 * 2 + 2);
    char dir[UPLOAD_DIR_MAX], path[UPLOAD_PATH_MAX + 32];
    assert_int_equal(upload_dir(h.dir, d.event, UPLOAD_SLIDES, dir), 0);
    snprintf(path, sizeof path, "%s/%s-p012.jpg", dir, d.id);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size > 1000);
    snprintf(path, sizeof path, "%s/%s.json", dir, d.id);
    char text[8192] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    struct json *j;
    assert_true(n > 0 && !json_parse(&j, (struct str){text, (size_t)n}));
    struct json *list = json_get(j, "pages");
    assert_int_equal(json_len(list), 12);
    struct str words;
    int64_t w = 0;
    assert_true(json_get_str(json_at(list, 6), "text", &words) && json_get_int(json_at(list, 6), "w", &w));
    assert_true(str_is(words, "Page 7") && w == 640);
    json_free(j);
    d.pages = pages;
    assert_int_equal(upload_ready(h.store, &d), 0);
    assert_int_equal(upload_untold(h.store, UPLOAD_SLIDES, &d), 1);
    assert_int_equal(upload_told(h.store, &d), 0);
    assert_int_equal(upload_untold(h.store, UPLOAD_SLIDES, &d), 0);
}

static void refused(struct str bytes, enum upload_why expected) {
    int64_t pages;
    enum upload_why why;
    struct upload d = upload(bytes);
    assert_int_equal(make(&d, -1, "/usr/bin", &pages, &why), -ERR_INVALID);
    assert_int_equal(why, expected);
    assert_int_equal(files(&d), 0);
    assert_int_equal(upload_failed(h.store, &d, why), 0);
}

static void what_is_no_deck_says_why(void **state) {
    (void)state;
    struct buf b;
    refused(STR("hello, this is no PDF"), UPLOAD_BROKEN);
    refused(STR("%PDF-1.7 and then nothing that is one"), UPLOAD_BROKEN);
    refused((struct str){"PK\3\4 a presentation", 18}, UPLOAD_OFFICE);
    pdf(&b, DECK_PAGES_MAX + 1, "");
    refused(buf_view(&b), UPLOAD_PAGES);
    buf_fini(&b);
    pdf(&b, 1,
        "/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]/Encrypt<</Filter/Standard/"
        "V 1/R 2"
        "/P -4/O<000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f>"
        "/U<000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f>>>");
    refused(buf_view(&b), UPLOAD_LOCKED);
    buf_fini(&b);
}

/* A pattern in a pattern in a pattern …: a small file that would be drawn for years. */
static void a_bomb_is_stopped(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_z(&b, "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count "
              "1>>endobj\n"
              "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 640 360]/Resources<</XObject<</X 10 0 R>>>>"
              "/Contents 4 0 R>>endobj\n4 0 obj<</Length 5>>stream\n/X Do\nendstream endobj\n");
    enum { DEEP = 9, WIDE = 40 };
    for (int i = 0; i < DEEP; i++) {
        buf_printf(&b,
                   "%d 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 640 360]/Resources<</XObject<</X %d 0 R>>>>"
                   "/Length %d>>stream\n",
                   10 + i, 11 + i, i + 1 < DEEP ? 6 * WIDE : 24);
        for (int k = 0; i + 1 < DEEP && k < WIDE; k++)
            buf_z(&b, "/X Do ");
        buf_z(&b, i + 1 < DEEP ? "\nendstream endobj\n" : "0 0 640 360 re f        \nendstream endobj\n");
    }
    buf_z(&b, "trailer<</Root 1 0 R>>\n%%EOF\n");
    int64_t pages;
    enum upload_why why;
    struct upload d = upload(buf_view(&b));
    buf_fini(&b);
    assert_int_equal(make(&d, -1, "/usr/bin", &pages, &why), -ERR_INVALID);
    assert_int_equal(why, UPLOAD_HEAVY);
    assert_int_equal(files(&d), 0);
}

static void the_server_may_stop(void **state) {
    (void)state;
    struct buf b;
    int64_t pages;
    enum upload_why why;
    pdf(&b, 2, "");
    struct upload d = upload(buf_view(&b));
    buf_fini(&b);
    int stop = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(make(&d, stop, "/usr/bin", &pages, &why), -ERR_BUSY);
    close(stop);
    assert_int_equal(files(&d), 1); /* the PDF stays */
    assert_int_equal(upload_return(h.store, UPLOAD_SLIDES), 0);
    assert_int_equal(upload_lease(h.store, UPLOAD_SLIDES, &d), 1);
    assert_int_equal(make(&d, -1, "/nonexistent", &pages, &why), -ERR_INVALID);
}

static void collect(void *arg, struct str line) {
    char *all = arg;
    snprintf(all + strlen(all), 1024 - strlen(all), STR_FMT "|", STR_ARG(line));
}

static int boxed(const char *const *argv, char all[1024]) {
    char why[RUN_TEXT_MAX];
    struct box box = {.cpu_s = 5, .memory_bytes = 256 << 20, .file_bytes = 1 << 20};
    struct run r = {.stop_fd = -1,
                    .with_stderr = true,
                    .box = &box,
                    .silence_ms = 5000,
                    .stop_ms = 300,
                    .line = collect,
                    .arg = all};
    for (int i = 0; argv[i]; i++)
        r.argv[i] = argv[i];
    all[0] = 0;
    return run_child(&r, why);
}

static void the_box_is_closed(void **state) {
    (void)state;
    char all[1024], secret[128];
    snprintf(secret, sizeof secret, "%s/secret.key", h.dir);
    assert_int_equal(boxed((const char *[]){"/bin/echo", "hello", NULL}, all), 0);
    assert_string_equal(all, "hello|");
    assert_int_equal(access(secret, R_OK), 0);
    assert_int_not_equal(boxed((const char *[]){"/bin/cat", secret, NULL}, all), 0);
    assert_int_not_equal(boxed((const char *[]){"/bin/sh", "-c", "echo x > /tmp/escaped", NULL}, all), 0);
    assert_int_not_equal(boxed((const char *[]){"/bin/sh", "-c", "/bin/true; /bin/true", NULL}, all),
                         0); /* no forks */
    assert_int_not_equal(
        boxed((const char *[]){"/usr/bin/python3", "-c", "import socket; socket.socket()", NULL}, all), 0);
    assert_non_null(strstr(all, "PermissionError"));
}

static void words_of_poppler(void **state) {
    (void)state;
    static struct pdfout p;
    uint64_t page;
    pdfout_info(&p, STR("Pages:           3"));
    pdfout_info(&p, STR("Page    1 size:  612 x 792 pts (letter)"));
    pdfout_info(&p, STR("Page    2 size:  595.276 x 841.89 pts (A4)"));
    pdfout_info(&p, STR("Page    2 rot:   90"));
    pdfout_info(&p, STR("Page  201 size:  1 x 1 pts"));
    pdfout_info(&p, STR("Page    3 size:  1e9 x 1 pts"));
    assert_int_equal(p.pages, 3);
    assert_true(p.size[0].w == 612 && p.size[0].h == 792);
    assert_true(p.size[1].w == 841 && p.size[1].h == 595);
    assert_true(pdfout_progress(STR("2 3 /x/p-2.jpg"), &page) && page == 2);
    assert_false(pdfout_progress(STR("Syntax Error: x"), &page));
    struct json *j = pdfout_document(&p, STR("One\a\fДва\ntwo"));
    struct buf b;
    buf_init(&b, 4096);
    json_write(j, &b);
    buf_put(&b, "", 1);
    assert_string_equal((const char *)b.p,
                        "{\"pages\":[{\"w\":612,\"h\":792,\"text\":\"One\"},{\"w\":841,\"h\":595,\"text\":"
                        "\"Два\\ntwo\"},{\"w\":960,\"h\":540,\"text\":\"\"}]}");
    buf_fini(&b);
    json_free(j);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_poppler),
        cmocka_unit_test_setup_teardown(pages_are_made, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_deck_says_why, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bomb_is_stopped, setup, teardown),
        cmocka_unit_test_setup_teardown(the_server_may_stop, setup, teardown),
        cmocka_unit_test_setup_teardown(the_box_is_closed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
