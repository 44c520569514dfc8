#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/str.h"
#include "server/app/config.h"
#include "server/app/web.h"

static int read_text(struct config *c, const char *text, char err[256]) {
    char path[] = "/tmp/somhub-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
    int rc = config_read_file(c, path, err);
    unlink(path);
    return rc;
}

static void test_defaults_and_file(void **state) {
    (void)state;
    struct config c;
    char err[256] = "";
    config_defaults(&c);
    assert_string_equal(c.http_listen, "127.0.0.1:8080");
    assert_int_equal(c.media_port, 8189);
    assert_false(c.demo);
    assert_int_equal(
        read_text(&c, "# note\n\n  http.listen = 0.0.0.0:80 \nmedia.port=9000\r\ndemo = yes\n; end", err), 0);
    assert_string_equal(c.http_listen, "0.0.0.0:80");
    assert_int_equal(c.media_port, 9000);
    assert_true(c.demo);
}

static void test_mistakes_name_line_and_key(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"\nhttp.lisen = x\n", "line 2"},
        {"http.lisen = x\n", "\"http.lisen\""},
        {"media.port = 70000\n", "media.port: \"70000\" is not a whole number from 0 to 65535"},
        {"media.port = -1\n", "media.port"},
        {"demo = maybe\n", "demo: \"maybe\" is neither yes nor no"},
        {"just words\n", "expected `key = value`"},
        {"data.dir =\n", "data.dir: the value must have 1 to 255 characters"},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct config c;
        char err[256] = "";
        config_defaults(&c);
        assert_true(read_text(&c, rows[i].text, err) < 0);
        if (!strstr(err, rows[i].says))
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, err, rows[i].says);
    }
}

/* What does not fit into a line is no line of its own. */
static void test_a_line_too_long_is_said(void **state) {
    (void)state;
    struct config c;
    char err[256] = "", text[2 * CONFIG_LINE_MAX];
    config_defaults(&c);
    memset(text, 'x', sizeof text);
    memcpy(text, "demo = yes\n#", 12);
    snprintf(text + CONFIG_LINE_MAX + 12, 32, "media.port = 9000");
    assert_true(read_text(&c, text, err) < 0);
    assert_non_null(strstr(err, "line 2 is longer than"));
    assert_int_equal(c.media_port, 8189);
    text[11 + CONFIG_LINE_MAX] = '\n'; /* just as long as it may be */
    text[12 + CONFIG_LINE_MAX] = 0;
    assert_int_equal(read_text(&c, text, err), 0);
    assert_true(c.demo);
}

static void test_environment_overrides(void **state) {
    (void)state;
    struct config c;
    char err[256] = "";
    config_defaults(&c);
    setenv("SOMHUB_HTTP_LISTEN", "127.0.0.1:1234", 1);
    assert_int_equal(config_read_env(&c, err), 0);
    assert_string_equal(c.http_listen, "127.0.0.1:1234");
    setenv("SOMHUB_MEDIA_PORT", "many", 1);
    assert_true(config_read_env(&c, err) < 0);
    assert_non_null(strstr(err, "SOMHUB_MEDIA_PORT"));
    unsetenv("SOMHUB_HTTP_LISTEN");
    unsetenv("SOMHUB_MEDIA_PORT");
}

static void test_web_address(void **state) {
    (void)state;
    char host[64], err[256];
    uint16_t port = 0;
    assert_int_equal(web_address("127.0.0.1:8080", host, &port, err), 0);
    assert_string_equal(host, "127.0.0.1");
    assert_int_equal(port, 8080);
    assert_int_equal(web_address("[::1]:0", host, &port, err), 0);
    assert_string_equal(host, "::1");
    assert_int_equal(port, 0);
    static const char *const bad[] = {"",        ":",   "8080",    "127.0.0.1", "127.0.0.1:99999",
                                      "host:80", ":80", "[::1]80", "1.2.3.4:+5"};
    for (size_t i = 0; i < countof(bad); i++) {
        err[0] = 0;
        assert_true(web_address(bad[i], host, &port, err) < 0);
        assert_non_null(strstr(err, "http.listen"));
    }
}

/* config/somhub.ini is what `somhub config` prints: run from the checkout, as every test is. */
static void test_reference_is_fresh(void **state) {
    (void)state;
    char kept[32768], *made = NULL;
    size_t made_n = 0;
    FILE *f = fopen("config/somhub.ini", "r"), *m = open_memstream(&made, &made_n);
    assert_non_null(f);
    assert_non_null(m);
    size_t n = fread(kept, 1, sizeof kept - 1, f);
    kept[n] = 0;
    fclose(f);
    config_print(m, NULL);
    fclose(m);
    assert_string_equal(kept, made);
    free(made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_and_file),     cmocka_unit_test(test_mistakes_name_line_and_key),
        cmocka_unit_test(test_environment_overrides), cmocka_unit_test(test_web_address),
        cmocka_unit_test(test_reference_is_fresh),    cmocka_unit_test(test_a_line_too_long_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
