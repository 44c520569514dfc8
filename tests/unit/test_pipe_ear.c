/* ear: a third of the samples, nothing of what would come back as noise, and nobody waits for who does not
 * hear. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "media/pipeline/ear.h"

enum { HZ = 48000, FRAME = 1024, FRAMES = 47 };

/* The loudness of a tone of that many hertz after it went through, in thousandths of what went in. */
static int through(double hz, size_t *told) {
    static int16_t pcm[2 * FRAME], out[EAR_SAMPLES_MAX];
    int fds[2];
    struct ear e;
    double sum = 0;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
    ear_open(&e, fds[0]);
    *told = 0;
    for (int f = 0; f < FRAMES; f++) {
        for (int i = 0; i < FRAME; i++)
            pcm[2 * i] = pcm[2 * i + 1] = (int16_t)(20000 * sin(2 * M_PI * hz * (f * FRAME + i) / HZ));
        ear_hear(&e, pcm, FRAME);
        ssize_t n = recv(fds[1], out, sizeof out, MSG_DONTWAIT);
        assert_true(n > 0 && n % 2 == 0);
        for (ssize_t i = 0; i < n / 2; i++)
            sum += f ? (double)out[i] * out[i] : 0; /* the filter comes in */
        *told += (size_t)n / 2;
    }
    assert_int_equal(e.lost, 0);
    close(fds[0]);
    close(fds[1]);
    return (int)(1000 * sqrt(2 * sum / ((double)*told * (FRAMES - 1) / FRAMES)) / 20000);
}

static void what_is_heard(void **state) {
    size_t told;
    (void)state;
    assert_in_range(through(200, &told), 980, 1020);
    assert_in_range(told, FRAMES * FRAME / 3, FRAMES * FRAME / 3 + 1);
    assert_in_range(through(3000, &told), 970, 1030);
    assert_in_range(through(10000, &told), 0, 30); /* would be heard as 6000 */
    assert_in_range(through(15000, &told), 0, 10);
}

static void nobody_waits(void **state) {
    static int16_t pcm[2 * FRAME];
    int fds[2];
    struct ear e;
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
    ear_open(&e, fds[0]);
    for (int i = 0; i < 20000; i++) /* some seven minutes */
        ear_hear(&e, pcm, FRAME);
    assert_true(e.lost > 0);
    close(fds[1]);
    ear_hear(&e, pcm, FRAME); /* no signal either */
    close(fds[0]);
    ear_open(&e, -1);
    ear_hear(&e, pcm, FRAME);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_heard), cmocka_unit_test(nobody_waits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
